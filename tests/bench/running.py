"""`postern run` beside the launcher with the same mounts, and what many rules cost."""
import json
import os
import shlex
import subprocess

TIMES = ("n", "min", "median", "cpu", "ratio", "delta")
PRESETS = ("read-only", "minimal", "workspace", "full")
MATCHES = 10000
RULES = 5000
# one start of these takes a tenth of a second
MANY_ROUNDS = 20
STARTERS = "1,64"


class Ground:
    """The user's folders, and the words that postern and the launcher get."""

    def __init__(self, bench):
        self.bench = bench
        self.folder = bench.work.folder + "/run"
        self.programs = self.folder + "/bin"
        self.launcher = self.programs + "/bwrap"
        self.true = bench.work.true
        for name in ["home"] + list(PRESETS) + ["many", "mask"]:
            os.makedirs("%s/%s" % (self.folder, name))
        for name in PRESETS:
            os.mkdir("%s/%s/.git" % (self.folder, name))
            open("%s/%s/.git/config" % (self.folder, name), "w").close()
        for i in range(MATCHES):
            with open("%s/many/%d.env" % (self.folder, i), "w") as file:
                file.write("secret\n")
        open(self.folder + "/mask/hidden", "w").close()
        self.policy = self.folder + "/rules.json"
        with open(self.policy, "w") as file:
            json.dump({"read": ["%s/many/%d.env" % (self.folder, i) for i in range(RULES)]}, file)
        for name in ("home", "many", "mask") + PRESETS:
            subprocess.run(["chown", "-R", "%d:%d" % (bench.uid, bench.uid), self.folder + "/" + name], check=True)

    def environment(self):
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": self.folder + "/home"}

    def options(self, preset):
        words = ["--no-files", "--launcher", self.launcher, "--chdir", "%s/%s" % (self.folder, preset), "--preset", preset]
        if preset == "minimal":
            words += ["--read", os.path.dirname(self.true)]
        if preset == "full":
            words += ["--i-know"]
        return words

    def run(self, preset):
        return [self.programs + "/postern", "run"] + self.options(preset) + ["--", self.true]

    def many(self, words):
        return [self.programs + "/postern", "run", "--no-files", "--launcher", self.launcher, "--chdir", self.folder + "/many",
                "--write", self.folder + "/many"] + words + ["--", self.true]

    def as_user(self, words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", user=self.bench.uid,
                              group=self.bench.uid, extra_groups=[], env=self.environment())
        if done.returncode:
            raise SystemExit("bench: %s: %s" % (" ".join(words[:3]), done.stderr))
        return done.stdout

    def alone(self, preset):
        """The launcher with the same words, but for what needs mount points that it would leave behind."""
        # what is mounted over what is hidden is there after a first run
        self.as_user(self.run(preset))
        said = self.as_user([self.programs + "/postern", "explain", "--argv"] + self.options(preset)).replace("\\\n", " ")
        words = shlex.split(said)
        words = words[:words.index("--")]
        kept = []
        while words:
            three = words[:3]
            if three[0] == "--ro-bind" and "/masks/blocked" in three[1]:
                words = words[3:]
            else:
                kept.append(words.pop(0))
        return kept + ["--", self.true]

    def floor(self, count):
        return [self.bench.work.bin("bindfloor"), str(count), self.folder + "/many", self.folder + "/mask/hidden"]


def measure(bench):
    ground = Ground(bench)
    commands = []
    for preset in PRESETS:
        commands.append(("alone/" + preset, 0, [], ground.alone(preset)))
        commands.append(("run/" + preset, 0, ["alone/" + preset], ground.run(preset)))
    bench.env["HOME"] = ground.environment()["HOME"]
    bench.record("run", bench.latency(commands), TIMES)
    ground.as_user(ground.many(["--deny", ground.folder + "/many/**/*.env"]))
    rounds = min(MANY_ROUNDS, bench.rounds)
    many = [("many/none", rounds, [], ground.many([])),
            ("floor/none", rounds, [], ground.floor(0))]
    for case, count, words in (("matches", MATCHES, ["--deny", ground.folder + "/many/**/*.env"]), ("rules", RULES, ["--policy", ground.policy])):
        many.append(("floor/" + case, rounds, ["floor/none", "many/none"], ground.floor(count)))
        many.append(("many/" + case, rounds, ["many/none", "floor/" + case], ground.many(words)))
    bench.record("run", bench.latency(many, rounds), TIMES)
    found = bench.harness("throughput", [("alone/workspace", 0, [], ground.alone("workspace")),
                                         ("run/workspace", 0, ["alone/workspace"], ground.run("workspace"))],
                          ["-p", STARTERS, "-t", str(bench.slice_ms), "-n", str(min(3, bench.rounds))])
    bench.record("run", found, ("rate", "ratio"))
    del bench.env["HOME"]
