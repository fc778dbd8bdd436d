/* table.kernel.c: the kernels of one instruction set. */
#include "lanes.h"

const struct pls_lane_kernels PLS_KERNEL(pls_lane_kernels) = {
    .width = PLS_WIDTH,
    .moments_i8 = PLS_KERNEL(pls_moments_i8),
    .moments_f64 = PLS_KERNEL(pls_moments_f64),
    .correlate_i32 = PLS_KERNEL(pls_correlate_i32),
    .correlate_f64 = PLS_KERNEL(pls_correlate_f64),
    .start = PLS_KERNEL(pls_start),
    .iterate = PLS_KERNEL(pls_iterate),
    .settle = PLS_KERNEL(pls_settle),
    .compose = PLS_KERNEL(pls_compose),
    .statistics = PLS_KERNEL(pls_statistics),
    .tests = PLS_KERNEL(pls_tests),
    .cross = PLS_KERNEL(pls_cross),
    .recombine = PLS_KERNEL(pls_recombine),
};
