"""Kill tools while they write: kill.py calls SIGNALS | moments SIGNALS TIMES | sizes N < JOBS

JOBS: a line for each, the file that it reads, TAB, the command, whose outputs are all in the
folder `kill`. `calls`: before each call that writes, flushes, closes, opens or renames; `moments`:
at random moments; `sizes`: no file may be larger than N sizes, from 0 to one byte less than the
largest output (SIGXFSZ is not what ends a tool, but an error). Afterwards each output is the old file, the new one, or none where there was
none, and beside them is nothing, but that SIGKILL may leave the last name but one of a file that
was about to take the place of another. From a checkpoint the run goes on to the same result."""
import os, random, resource, shutil, signal, subprocess, sys, time

CALLS = ('write', 'fsync', 'close', 'open', 'link', 'rename')
count = dict.fromkeys('tried killed finished old new none litter wrong'.split(), 0)


def start(command, file, env=None, most=None):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    with open(file, 'rb') as source:
        return subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL, env=env,
                                stderr=subprocess.DEVNULL, preexec_fn=limit if most is not None else None)


def contents():
    return {n: open('kill/' + n, 'rb').read() for n in os.listdir('kill')}


def fresh(outputs, old):
    shutil.rmtree('kill', ignore_errors=True)
    os.mkdir('kill')
    for name in outputs if old else ():
        with open('kill/' + name, 'wb') as file:
            file.write(b'old\n')


class Job:
    def __init__(self, line):
        self.file, command = line.rstrip('\n').split('\t')
        self.command = command.split()
        fresh((), False)
        begin = time.monotonic()
        assert start(self.command, self.file).wait() == 0, command
        self.seconds, self.want = time.monotonic() - begin, contents()
        assert self.want and all(self.want.values()), command

    def goes_on(self):
        """From the checkpoint that is there, to the result."""
        command = self.command + ['--resume', 'kill/checkpoint']
        return start(command, self.file).wait() == 0 and contents()['out'] == self.want['out']

    def judge(self, number, died, old):
        """What is wrong with what is there, or None."""
        count['tried'] += 1
        count['killed' if died else 'finished'] += 1
        if died not in (0, -number if number else 1):
            return f'exit {died}'
        there = contents()
        litter = [n for n in there if n not in self.want]
        count['litter'] += len(litter)
        replaces = old or 'checkpoint' in self.want  # which takes the place of the last one
        if len(litter) > (number == signal.SIGKILL and replaces):
            return f'litter: {litter}'
        for name, want in self.want.items():
            got = there.get(name)
            state = 'none' if got is None else 'old' if got == b'old\n' else 'new'
            count[state] += 1
            if state == ('none' if old else 'old'):
                return f'{name}: {state}'
            if not died and state != 'new':
                return f'{name}: {state}, though it ended well'
            if state == 'new' and got != want and (name != 'checkpoint' or not self.goes_on()):
                return f'{name}: neither the old nor the new one'
        return None

    def wrong(self, why, what):
        count['wrong'] += 1
        print(f'{what}: {" ".join(self.command)}: {why}')

    def calls(self, name):
        preload = dict(os.environ, LD_PRELOAD=os.environ['BUILD'] + '/tests/fault/io_fault.so',
                       MF_FAULT_HOW=name)
        for call in CALLS:
            for old in (False, True):
                for at in range(500):
                    fresh(self.want, old)
                    env = dict(preload, MF_FAULT_CALL=call, MF_FAULT_AT=str(at))
                    died = start(self.command, self.file, env).wait()
                    why = self.judge(getattr(signal, 'SIG' + name), died, old)
                    if why:
                        self.wrong(why, f'SIG{name} before {call} {at}')
                    if died >= 0:
                        break

    def moments(self, name, times):
        number = getattr(signal, 'SIG' + name)
        draw = random.Random(number)
        for i in range(times):
            fresh(self.want, i % 2)
            run = start(self.command, self.file)
            time.sleep(draw.random() * self.seconds * 1.1)
            run.send_signal(number)
            why = self.judge(number, run.wait(), i % 2)
            if why:
                self.wrong(why, f'SIG{name}')

    def sizes(self, n):
        largest = max(len(data) for data in self.want.values())
        for i in range(n):
            most = (largest - 1) * i // max(n - 1, 1)
            fresh(self.want, i % 2)
            why = self.judge(0, start(self.command, self.file, most=most).wait(), i % 2)
            if why:
                self.wrong(why, f'files of {most} bytes at most')


def main():
    how, names = sys.argv[1], sys.argv[2].split(',')
    if how == 'sizes':
        for line in sys.stdin:
            Job(line).sizes(int(names[0]))
        names = []
    for name in names:  # nohup and shells in the background have some ignored
        if name != 'KILL':
            signal.signal(getattr(signal, 'SIG' + name), signal.SIG_DFL)
    for line in sys.stdin:
        job = Job(line)
        for name in names:
            if how == 'calls':
                job.calls(name)
            else:
                job.moments(name, int(sys.argv[3]))
    print(f'kill, {how}: ' + ', '.join(f'{n} {what}' for what, n in count.items()))
    sys.exit(count['wrong'] > 0 or count['killed'] < count['tried'] / 10)


main()
