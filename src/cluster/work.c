/* work.c: a job on all ranks: root.c on the first, worker.c on the others, one outcome. */
#include "internal.h"

enum pls_code pls_cluster_work(const struct pls_cluster *cluster, const struct pls_work *work,
                               const struct pls_range *todo, size_t todo_count,
                               const struct pls_sink *sink, const struct pls_watch *watch,
                               struct pls_work_facts *facts, struct pls_error *err)
{
    const struct pls_root_task task = {
        .todo = todo, .todo_count = todo_count, .sink = sink, .watch = watch};
    struct pls_root *root = NULL;
    struct pls_worker *worker = NULL;
    enum pls_code code = PLS_OK;

    if (cluster->rank == 0)
        code = pls_root_new(&root, cluster, work, &task, err);
    else
        code = pls_worker_new(&worker, work, err);
    code = pls_cluster_agree(cluster, code, err);
    if (code == PLS_OK) {
        if (root != NULL)
            code = pls_root_run(root, facts, err);
        else
            pls_worker_run(worker);
        code = pls_cluster_agree(cluster, code, err);
    }
    pls_root_free(root);
    pls_worker_free(worker);
    return code;
}
