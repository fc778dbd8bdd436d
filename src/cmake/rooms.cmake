# Flags of all code. No fused multiply-add anywhere (-ffp-contract=off): rows must have the same bits on every
# machine; -fno-math-errno lets sqrt be one instruction. Nothing else of the fast-math family, ever.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
                    -Wvla -Wformat=2 -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith
                    -ffp-contract=off -fno-math-errno -fno-common)
if(PLSTRAP_WERROR)
  add_compile_options(-Werror)
endif()
if(PLSTRAP_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
add_compile_definitions(PLSTRAP_VERSION="${PROJECT_VERSION}" _POSIX_C_SOURCE=200809L _XOPEN_SOURCE=700 _DEFAULT_SOURCE)

# pls_room(NAME SOURCES file… DEPENDS room… LIBRARIES target…): the static library pls_NAME.
function(pls_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(pls_${name} STATIC ${ROOM_SOURCES})
  set_target_properties(pls_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(pls_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(room ${ROOM_DEPENDS})
    target_link_libraries(pls_${name} PUBLIC pls_${room})
  endforeach()
  target_link_libraries(pls_${name} PUBLIC ${ROOM_LIBRARIES})
endfunction()

# pls_kernels(ROOM path/NAME…): path/NAME.kernel.c compiled once per instruction set (kernels.h), which it
# finds in PLS_ISA; vectors.h of room base is for them. By a line that includes it, not by an object library: libplstrap collects the objects that
# are the room's own. clang reports loops asked to be unrolled whose bounds vary; they share their source with
# those whose bounds are constant.
function(pls_kernels room)
  set(isas portable)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
    list(APPEND isas avx2 avx512)
  endif()
  set(flags_avx2 -mavx2)
  set(flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
  foreach(kernel ${ARGN})
    get_filename_component(name ${kernel} NAME)
    foreach(isa ${isas})
      set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}_${isa}.c)
      file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${kernel}.kernel.c\"\n")
      set_source_files_properties(${source} PROPERTIES
        COMPILE_DEFINITIONS PLS_ISA=${isa}
        INCLUDE_DIRECTORIES ${PROJECT_SOURCE_DIR}/src/base
        COMPILE_OPTIONS "-O3;${flags_${isa}};$<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>")
      target_sources(pls_${room} PRIVATE ${source})
    endforeach()
  endforeach()
endfunction()

# What libraries leak, sanitized tests do not count.
set(PLS_TEST_ENVIRONMENT
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")

# pls_test(ROOM FILE [DEPENDS room…]): tests/ROOM/test_FILE.c, linked with exactly this room and its arrows.
function(pls_test room file)
  cmake_parse_arguments(TEST "" "" "DEPENDS" ${ARGN})
  set(target test_${room}_${file})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/${room}/test_${file}.c)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src/${room})
  target_compile_definitions(${target} PRIVATE PLS_TESTS="${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE pls_${room} PkgConfig::CMOCKA m)
  foreach(other ${TEST_DEPENDS})
    target_link_libraries(${target} PRIVATE pls_${other})
  endforeach()
  add_test(NAME ${room}.${file} COMMAND ${target})
  set_tests_properties(${room}.${file} PROPERTIES TIMEOUT 300 ENVIRONMENT "${PLS_TEST_ENVIRONMENT}")
endfunction()
