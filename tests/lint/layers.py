"""Check the includes of lib/, include/mf/ and tools/ against the layers (TAP)."""
import glob
import os
import re

LAYERS = {
    'L0': """
        err mem arena rng par io report
    """,
    'L1': """
        ids texts idtable csr tensor text blocks fields ratings artist_key names nearest
    """,
    'L2': """
        frame wire stage model
        bundle bundle_private bundle_read bundle_rows bundle_write bundle_stage bundle_model
    """,
    'L3': """
        linalg panels search rank metrics bootstrap beyond taste taste_map
        kernel kernel_levels kernel_body kernel_panel kernel_rank kernel_score kernel_solve kernel_descend kernel_settle
        kernel_avx512 kernel_avx2 kernel_base
        als als_private als_row als_cluster als_steps als_start als_loss als_state als_warm fold_in
        als_basis als_work als_batch als_items als_order als_voices als_rows als_dual als_primal als_cg
        als_tally
        fold_private explain diversify rarity
    """,
    'L4': """
        aggregate tracks track_list counts convert convert_private convert_from convert_to cells table
        table_float delimited csv mtx npy npz zip ndjson ratings_put join join_private
        join_chain evaluate evaluate_private evaluate_score evaluate_baseline
        evaluate_estimate evaluate_lists evaluate_users evaluate_slice evaluate_trec
        evaluate_write evaluate_text score fold_model recommend recommend_private
        recommend_who recommend_score recommend_choose recommend_search aggregate_private
        aggregate_write triplets records rows spill trec page
        recommend_write recommend_all recommend_cells recommend_diverse
        recommend_explain recommend_new recommend_items recommend_similar
        info info_text info_json
        split transform transform_ops rewrite
        synth synth_names
        train train_log train_init watch stop checkpoint
    """,
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names.split()}
MAY = {
    'L0': 'L0', 'L1': 'L0 L1', 'L2': 'L0 L1 L2', 'L3': 'L0 L1 L3',
    'L4': 'L0 L1 L2 L3 L4',
}
bad = []
files = sorted(glob.glob('include/mf/*.h') + glob.glob('lib/*.[ch]'))
for path in files:
    name = os.path.splitext(os.path.basename(path))[0]
    if name not in LAYER:
        bad.append(f'{path}: has no layer; add it to tests/lint/layers.py')
        continue
    for other in re.findall(r'#include "(?:mf/)?(\w+)\.h"', open(path).read()):
        if LAYER.get(other) not in MAY[LAYER[name]].split():
            bad.append(f'{path} ({LAYER[name]}) includes {other} ({LAYER.get(other)})')
for path in sorted(glob.glob('tools/*.[ch]')):
    for other in re.findall(r'#include "([^"]+)"', open(path).read()):
        if not other.startswith('mf/') and other != 'tool.h':
            bad.append(f'{path} includes {other}: tools use the public headers alone')
print('1..1')
print(('not ok' if bad else 'ok') + f' 1 - {len(files)} files keep to the layers')
for line in bad:
    print('#', line)
raise SystemExit(bool(bad))
