"""Ranking metrics by user from a TREC run and qrels, as `user metric value`, by
programs that others wrote: trec_eval (through ir-measures) and, for auc, scipy's
Mann-Whitney test; with --ranx (slow: it is compiled first) ranx as well, which
must agree. With --lists the run is one from elsewhere, which has not all items: no auc.
ranx has no rule for equal scores: it gets the order that trec_eval has.

Two of ours are not theirs: recall@N and map@N divide by min(N, m), m being the
relevant items of the user, where they divide by m. So theirs are multiplied by
m / min(N, m)."""
import sys

import ir_measures
import scipy.stats

CUTS = 1, 3, 10, 1000


def read(path, value):
    table = {}
    for line in open(path):
        field = line.split()
        table.setdefault(field[0], {})[field[2]] = value(field)
    return table


def trec_eval(run, qrels):
    ours = {'RR': 'mrr'}
    for n in CUTS:
        ours.update({f'P@{n}': f'precision@{n}', f'R@{n}': f'recall@{n}', f'Success@{n}': f'hr@{n}',
                     f'nDCG@{n}': f'ndcg@{n}', f'AP@{n}': f'map@{n}'})
    measures = [ir_measures.parse_measure(name) for name in ours]
    return {(x.query_id, ours[str(x.measure)]): x.value
            for x in ir_measures.pytrec_eval.iter_calc(measures, qrels, run)}


def by_ranx(run, qrels):
    import ranx
    ours = {'mrr': 'mrr'}
    for n in CUTS:
        ours.update({f'{a}@{n}': f'{b}@{n}' for a, b in
                     [('precision', 'precision'), ('recall', 'recall'), ('hit_rate', 'hr'),
                      ('ndcg', 'ndcg'), ('map', 'map')]})
    order = {user: sorted(scores, key=lambda item: (scores[item], item.encode()))
             for user, scores in run.items()}
    run = ranx.Run({user: {item: place for place, item in enumerate(items)}
                    for user, items in order.items()})
    ranx.evaluate(ranx.Qrels(qrels), run, list(ours))
    return {(user, ours[name]): float(value)
            for name, users in run.scores.items() for user, value in users.items()}


def auc(scores, relevant):
    x = [s for item, s in scores.items() if item in relevant]
    y = [s for item, s in scores.items() if item not in relevant]
    return scipy.stats.mannwhitneyu(x, y).statistic / (len(x) * len(y))


def main(run_path, qrels_path, *options):
    run = read(run_path, lambda field: float(field[4]))
    qrels = read(qrels_path, lambda field: int(field[3]))
    run = {user: scores for user, scores in run.items() if user in qrels}
    qrels = {user: qrels[user] for user in run}
    found = trec_eval(run, qrels)
    if '--ranx' in options:
        again = by_ranx(run, qrels)
        assert set(found) == set(again)
        for key, value in found.items():
            assert abs(value - again[key]) <= 1e-12, (key, value, again[key])
    for user, scores in () if '--lists' in options else run.items():
        found[user, 'auc'] = auc(scores, qrels[user])
    for (user, name), value in sorted(found.items()):
        kind, _, cut = name.partition('@')
        m = len(qrels[user])
        if kind in ('recall', 'map'):
            value *= m / min(int(cut), m)
        print(user, name, '%.12g' % value, sep='\t')


main(*sys.argv[1:])
