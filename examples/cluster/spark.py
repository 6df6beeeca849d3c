"""A stage by Spark: spark.py STAGE FOLDER N, in a python3 that has pyspark.

Lists are what goes through the pipe: N partitions of users' ids in, their lists out, which Spark
saves as lines (lists.spark/part-*). Of the other stages, whose files are no lines, the numbers of
the shards go in, and each is a run of stage.sh. SPARK_MASTER says where: here, on all cores, by
default."""
import os
import subprocess
import sys
from pathlib import Path

from pyspark import SparkConf, SparkContext

stage, folder, n = sys.argv[1], Path(sys.argv[2]).resolve(), int(sys.argv[3])
here = Path(__file__).resolve().parent
conf = SparkConf().setAppName(f'mfpipe {stage}').set('spark.ui.enabled', 'false')
sc = SparkContext(master=os.environ.get('SPARK_MASTER', 'local[*]'), conf=conf)
sc.setLogLevel('ERROR')
env = dict(os.environ)  # of a pipe it is empty, unless it is handed on

if stage == 'lists':
    ids = subprocess.run(['mf-convert', '--to=tsv', '--part=users', folder / 'model.mf'], check=True,
                         stdout=subprocess.PIPE, encoding='utf-8').stdout.split('\n')[:-1]
    lists = sc.parallelize(ids, n).pipe(f'mf-recommend -q -j 1 --top 20 --user-list - {folder}/model.mf',
                                        env, checkCode=True)
    lists.saveAsTextFile(f'file://{folder}/lists.spark')
else:
    shards = sc.parallelize(range(1, n + 1), n)
    shards.pipe(f'xargs -I SHARD {here}/stage.sh {stage} {folder} SHARD {n}', env, checkCode=True).count()
sc.stop()
