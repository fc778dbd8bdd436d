/*
 * sort.c: introsort of doubles: quicksort on the median of three, heapsort where that goes wrong,
 * insertion for what is short. The C library's qsort may allocate as much again and calls a
 * function per comparison.
 */
#include "sample.h"

enum { SHORT = 24 };

static void swap(double *a, double *b)
{
    const double old = *a;
    *a = *b;
    *b = old;
}

static void insertion_sort(double *v, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const double moving = v[i];
        size_t j = i;
        for (; j > 0 && v[j - 1] > moving; j--)
            v[j] = v[j - 1];
        v[j] = moving;
    }
}

static void sift_down(double *v, size_t root, size_t count)
{
    const double moving = v[root];
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && v[child + 1] > v[child])
            child++;
        if (!(v[child] > moving))
            break;
        v[root] = v[child];
        root = child;
    }
    v[root] = moving;
}

static void heap_sort(double *v, size_t count)
{
    for (size_t root = count / 2; root-- > 0;)
        sift_down(v, root, count);
    for (size_t last = count; last-- > 1;) {
        swap(&v[0], &v[last]);
        sift_down(v, 0, last);
    }
}

static double median(double a, double b, double c)
{
    const double low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Brings those below the pivot, or up to it, to the front; returns how many they are. */
static size_t bring_front(double *v, size_t count, double pivot, bool upto)
{
    size_t front = 0;
    for (size_t i = 0; i < count; i++) {
        const double moving = v[i];
        v[i] = v[front];
        v[front] = moving;
        front += upto ? moving <= pivot : moving < pivot;
    }
    return front;
}

/*
 * Cuts so that v[0 … cut-1] <= v[cut … count-1], both parts at least one long. No branch depends on
 * a comparison: of random values every second one would be guessed wrong.
 */
static size_t partition(double *v, size_t count)
{
    const double pivot = median(v[0], v[count / 2], v[count - 1]);
    size_t cut = bring_front(v, count, pivot, false);
    if (cut == 0)
        cut = bring_front(v, count, pivot, true);
    return cut < count ? cut : count / 2; /* all are equal */
}

static void sort_range(double *v, size_t count, unsigned depth)
{
    while (count > SHORT) {
        if (depth-- == 0) {
            heap_sort(v, count);
            return;
        }
        const size_t cut = partition(v, count);
        if (cut < count - cut) {
            sort_range(v, cut, depth);
            v += cut;
            count -= cut;
        } else {
            sort_range(v + cut, count - cut, depth);
            count = cut;
        }
    }
    insertion_sort(v, count);
}

void pls_infer_sort(double *values, size_t count)
{
    unsigned depth = 0;
    for (size_t rest = count; rest > 0; rest /= 2)
        depth += 2;
    sort_range(values, count, depth);
}

static void note_cut(struct pls_cuts *cuts, size_t at)
{
    if (cuts->count == PLS_MAX_CUTS)
        return;
    size_t i = cuts->count++;
    for (; i > 0 && cuts->at[i - 1] > at; i--)
        cuts->at[i] = cuts->at[i - 1];
    cuts->at[i] = at;
}

/* Quickselect between the cuts that are known; sorts the rest where it goes wrong. */
double pls_infer_select(double *values, size_t count, size_t k, struct pls_cuts *cuts)
{
    size_t low = 0, high = count;
    for (size_t i = 0; i < cuts->count && cuts->at[i] <= k; i++)
        low = cuts->at[i];
    for (size_t i = cuts->count; i > 0 && cuts->at[i - 1] > k; i--)
        high = cuts->at[i - 1];
    unsigned depth = 8;
    for (size_t rest = high - low; rest > 0; rest /= 2)
        depth += 2;
    while (high - low > SHORT && depth-- > 0) {
        const size_t cut = low + partition(values + low, high - low);
        note_cut(cuts, cut);
        if (k < cut)
            high = cut;
        else
            low = cut;
    }
    if (high - low > SHORT)
        pls_infer_sort(values + low, high - low);
    else
        insertion_sort(values + low, high - low);
    return values[k];
}
