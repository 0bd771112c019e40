"""Runs a pipeline of GitHub or GitLab in a checkout, as far as the walk needs one.

    host.py github CHECKOUT HOLDPOINT    .github/workflows/savepoint.yml, with this repository's action
    host.py gitlab CHECKOUT HOLDPOINT    .gitlab-ci.yml, with this repository's template

The variables that the project has set are those of the environment. Steps run as the host runs them; actions of GitHub's own
(checkout, setup-java) are taken as done. It ends as the pipeline does.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml


def load(path):
    # GitHub's `on` is no boolean.
    return yaml.load(path.read_text(), Loader=yaml.BaseLoader)


class GitHub:
    """One job of a workflow, and the composite action in it."""

    def __init__(self, checkout, holdpoint):
        self.checkout, self.holdpoint = checkout, holdpoint
        self.temp = pathlib.Path(tempfile.mkdtemp())
        self.path = []

    def run(self):
        (job,) = load(self.checkout / ".github/workflows/savepoint.yml")["jobs"].values()
        contexts = {"vars": os.environ, "steps": {}, "github": {"workspace": str(self.checkout)}}
        status = self.steps(job["steps"], contexts)
        print(f"summary of the step:\n{self.file('GITHUB_STEP_SUMMARY').read_text().splitlines()[1]}")
        return status

    def steps(self, steps, contexts):
        for step in steps:
            status = self.step(step, contexts)
            if status != 0:
                return status
        return 0

    def step(self, step, contexts):
        uses = step.get("uses", "")
        if uses.startswith("actions/"):
            return 0
        if uses:
            action = load(self.holdpoint / "action.yml")
            given = {name: self.value(value, contexts) for name, value in step.get("with", {}).items()}
            unknown = given.keys() - action["inputs"].keys()
            assert not unknown, f"the action has no input {unknown}"
            missing = [name for name, it in action["inputs"].items() if it.get("required") == "true" and name not in given]
            assert not missing, f"the action needs {missing}"
            defaults = {name: it.get("default", "") for name, it in action["inputs"].items()}
            return self.steps(action["runs"]["steps"], {"inputs": defaults | given, "github": {}, "steps": {}})
        shell = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}.get(step.get("shell"), ["bash", "-e"])
        environment = dict(os.environ)
        environment |= {name: self.value(value, contexts) for name, value in step.get("env", {}).items()}
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"]:
            environment[name] = str(self.file(name))
        environment["RUNNER_TEMP"] = str(self.temp)
        script = self.temp / "step.sh"
        script.write_text(self.value(step["run"], contexts))
        self.file("GITHUB_OUTPUT").write_text("")
        status = subprocess.run([*shell, str(script)], cwd=self.checkout, env=environment).returncode
        outputs = dict(line.split("=", 1) for line in self.file("GITHUB_OUTPUT").read_text().splitlines())
        contexts["steps"][step.get("id")] = {"outputs": outputs}
        return status

    def file(self, name):
        path = self.temp / name
        path.touch()
        return path

    def value(self, text, contexts):
        def look_up(match):
            found = contexts
            for key in match[1].split("."):
                found = found.get(key, "") if found else ""
            return found

        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", look_up, text)


class GitLab:
    """The one job of a pipeline, which extends the template."""

    def __init__(self, checkout, holdpoint):
        self.checkout, self.holdpoint = checkout, holdpoint

    def run(self):
        pipeline = load(self.checkout / ".gitlab-ci.yml")
        (include,) = pipeline.pop("include")
        templates = load(self.holdpoint / include["file"])
        (job,) = pipeline.values()
        job = merged(templates[job.pop("extends")], job)
        environment = dict(os.environ)
        for name, value in job["variables"].items():
            environment[name] = re.sub(r"\$(\w+)", lambda match: environment.get(match[1], ""), value)
        script = "\n".join(job.get("before_script", []) + job["script"])
        status = subprocess.run(["sh", "-e", "-c", script], cwd=self.checkout, env=environment).returncode
        for kind, file in job["artifacts"]["reports"].items():
            print(f"report {kind}: {(self.checkout / file).stat().st_size} bytes")
        return status


def merged(template, job):
    """As `extends` merges: maps key by key, and else the job's own."""
    if isinstance(template, dict) and isinstance(job, dict):
        return template | {key: merged(template.get(key), value) for key, value in job.items()}
    return job


host = {"github": GitHub, "gitlab": GitLab}[sys.argv[1]]
sys.exit(host(pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()).run())
