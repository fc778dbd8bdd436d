/* labels.h: columns of categories while they are made. Private to room data. */
#ifndef PLSTRAP_DATA_LABELS_H
#define PLSTRAP_DATA_LABELS_H

#include "csv.h"

/* Reads the label columns of the rows that the dataset holds. */
enum pls_code pls_labels_read(const struct pls_csv *csv, struct pls_dataset *dataset,
                              struct pls_error *err);

/* Drops the texts that no row has; the others keep their order. */
enum pls_code pls_labels_compact(struct pls_labels *labels, size_t rows, struct pls_error *err);

void pls_labels_free(struct pls_labels *labels); /* leaves it {0} */

#endif
