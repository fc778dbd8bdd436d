# What `cmake --install` gives beside the program: libplstrap with its headers, pkg-config and CMake package
# files, manual pages and the ready studies.
include(CMakePackageConfigHelpers)

# One library of the rooms that work in memory: no MPI, no HDF5, no reports.
option(BUILD_SHARED_LIBS "libplstrap as a shared library" OFF)
foreach(room base study data resample pls infer)
  list(APPEND library_objects $<TARGET_OBJECTS:pls_${room}>)
  # and what was compiled apart, once more for each instruction set
  get_target_property(objects pls_${room} SOURCES)
  list(FILTER objects INCLUDE REGEX TARGET_OBJECTS)
  list(APPEND library_objects ${objects})
endforeach()
add_library(libplstrap ${library_objects})
set_target_properties(libplstrap PROPERTIES
  OUTPUT_NAME plstrap EXPORT_NAME plstrap LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_include_directories(libplstrap INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(libplstrap PRIVATE PkgConfig::YAML PkgConfig::UTF8PROC PkgConfig::XXHASH
                      PkgConfig::CRYPTO GSL::gsl GSL::gslcblas m)

# The headers of those rooms; the others belong to the program.
file(GLOB library_headers include/plstrap/*.h)
list(FILTER library_headers EXCLUDE REGEX "/(bootstrap|cluster|job|plan|report|store)\\.h$")

install(TARGETS libplstrap EXPORT plstrapTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${library_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/plstrap)
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/plstrap/examples)

# Batch scripts to be filled in by hand; `plstrap submit` has their lower halves within it.
file(READ slurm/until_done.sh UNTIL_DONE)
file(READ slurm/merge.sh MERGE)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS slurm/until_done.sh slurm/merge.sh)
foreach(script mpirun srun preemptible array merge)
  configure_file(slurm/${script}.sbatch.in slurm/${script}.sbatch @ONLY)
  list(APPEND batch_scripts ${PROJECT_BINARY_DIR}/slurm/${script}.sbatch)
endforeach()
install(FILES ${batch_scripts} slurm/README.md slurm/plstrap.def
        DESTINATION ${CMAKE_INSTALL_DATADIR}/plstrap/slurm)

# Both package files find their prefix from where they lie, so that `cmake --install --prefix` may choose it.
file(RELATIVE_PATH PLSTRAP_PREFIX_FROM_PC ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" PLSTRAP_PREFIX_FROM_PC ${PLSTRAP_PREFIX_FROM_PC})
configure_file(src/cmake/plstrap.pc.in plstrap.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/plstrap.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/plstrap)
configure_package_config_file(src/cmake/plstrapConfig.cmake.in plstrapConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(plstrapConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/plstrapConfig.cmake ${PROJECT_BINARY_DIR}/plstrapConfigVersion.cmake
        DESTINATION ${package_folder})
install(EXPORT plstrapTargets NAMESPACE plstrap:: DESTINATION ${package_folder})

add_subdirectory(src/man)
