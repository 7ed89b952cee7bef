"""The promises of deploy/: pinned, nobody's rights, health checks that can run, nothing published.

There is no container engine where the tests run, so the files are read; that the parts work
together is seen by tests/test_store_server.py and was tried by hand without containers.
"""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from chroma_server import ChromaServer

from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.-]+)?")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile():
    """The instructions as (name, rest), continued lines joined, comments left out."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, rest in found]


def of(dockerfile, name):
    return [rest for found, rest in dockerfile if found == name]


def pin(package):
    given = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    return dict(line.split("==") for line in given if "==" in line)[package]


def array(text):
    """The words of an instruction in exec form."""
    words = yaml.safe_load(text)
    assert isinstance(words, list), f"{text} is in shell form"
    return words


def test_the_image_is_pinned_and_of_the_python_that_the_project_wants(dockerfile):
    (image,) = (a for a in of(dockerfile, "ARG") if a.startswith("PYTHON_IMAGE="))
    image = image.partition("=")[2]
    assert PINNED.fullmatch(image)
    assert image.startswith("python:3.11.")
    assert PROJECT["requires-python"] == ">=3.11,<3.12"
    assert [f.split()[0] for f in of(dockerfile, "FROM")] == ["${PYTHON_IMAGE}"] * 2


def test_the_image_holds_the_locked_packages_and_no_tools_of_the_tests(dockerfile):
    runs = " ".join(of(dockerfile, "RUN"))
    assert "--require-hashes -r requirements.lock" in runs
    gone = re.search(r"pip uninstall -qq -y ([\w -]+?)(?: &&|$)", runs)[1].split()
    assert set(gone) <= {re.split("[=>]", p)[0] for p in PROJECT["optional-dependencies"]["dev"]}
    runtime = {re.split("[=>]", line)[0].lower() for line in PROJECT["dependencies"]}
    assert not runtime & set(gone)
    script = re.search(r"sed -n '([^']*)' pyproject\.toml", runs)[1]
    done = subprocess.run(
        ["sed", "-n", script, ROOT / "pyproject.toml"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"torch=={pin('torch')}"


def test_the_image_runs_as_a_user_without_rights(dockerfile):
    (user,) = of(dockerfile, "USER")
    assert user == "10001:10001"
    names = [name for name, _ in dockerfile]
    last = len(names) - 1 - names[::-1].index("FROM")
    assert "USER" in names[last:]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])
    assert "--uid 10001" in " ".join(of(dockerfile, "RUN"))


def test_the_image_starts_a_command_of_the_product_that_gets_its_signals(dockerfile):
    assert array(of(dockerfile, "ENTRYPOINT")[0]) == ["tini", "--"]
    command = array(of(dockerfile, "CMD")[-1])
    assert command[0] in PROJECT["scripts"]
    program = (
        f"import sys; from assistant.cli import main; sys.argv = {[*command, '--help']}; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def environment(dockerfile):
    words = [word for rest in of(dockerfile, "ENV") for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def test_every_setting_that_is_named_exists(dockerfile, compose):
    named = environment(dockerfile).keys() | compose["services"]["app"]["environment"].keys()
    for path in DEPLOY.iterdir():
        named |= set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
    named = {name for name in named if name.startswith(PREFIX)}
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}
    given = environment(dockerfile)
    assert given["CITEBRIEF_HOST"] == "0.0.0.0"
    (volume,) = of(dockerfile, "VOLUME")
    assert Path(given["CITEBRIEF_INDEX"]).is_relative_to(volume)
    assert of(dockerfile, "EXPOSE") == [given["CITEBRIEF_PORT"]]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (404, 1), (500, 1), (None, 1)])
def test_the_health_check_of_the_app_tells_a_page_from_none(dockerfile, status, code):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    (check,) = of(dockerfile, "HEALTHCHECK")
    words = array(check.partition("CMD ")[2])
    assert words[0] == "python"
    http = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    given = environment(dockerfile) | {"CITEBRIEF_PORT": str(http.server_address[1])}
    given |= {"PATH": os.environ["PATH"], "http_proxy": "http://127.0.0.1:9"}
    if status is None:
        http.server_close()
    else:
        Thread(target=http.serve_forever, daemon=True).start()
    done = subprocess.run([sys.executable, *words[1:]], env=given, capture_output=True, check=False)
    if status is not None:
        http.shutdown()
        http.server_close()
    assert done.returncode == code


def test_only_the_proxy_is_published(compose):
    ports = {name: s["ports"] for name, s in compose["services"].items() if "ports" in s}
    assert ports == {"proxy": ["443:443", "80:80"]}
    assert compose["networks"]["back"] == {"internal": True}
    assert compose["services"]["chroma"]["networks"] == ["back"]
    assert compose["services"]["postgres"]["networks"] == ["back"]
    assert "back" not in compose["services"]["proxy"]["networks"]


def test_the_images_are_pinned_and_of_the_versions_that_the_project_has(compose):
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert all(PINNED.fullmatch(image) for image in images.values()), images
    assert images["app"] == f"citebrief:{PROJECT['version']}"
    assert images["chroma"] == f"chromadb/chroma:{pin('chromadb')}"
    assert images["postgres"].startswith("postgres:15.")


def test_every_service_is_careful_and_starts_after_what_it_needs_is_well(compose):
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys(), name
        assert "privileged" not in service
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert needed == "app" or "healthcheck" in compose["services"][needed]
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file()
    assert compose["services"]["app"]["read_only"]
    assert compose["services"]["app"]["deploy"]["replicas"] >= 2
    assert set(compose["services"]["app"]["depends_on"]) == {"chroma", "postgres"}


def test_no_secret_stands_in_the_files_and_each_is_asked_for(compose):
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)[:}]", text))
    offered = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert asked == offered.keys()
    for name in ("POSTGRES_PASSWORD", "COOKIE_SECRET"):
        assert offered[name] == ""
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
        assert uses and all(":?" in use for use in uses)
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_health_check_of_the_vector_server_needs_bash_only(compose, tmp_path):
    words = compose["services"]["chroma"]["healthcheck"]["test"]
    assert words[:3] == ["CMD", "bash", "-c"]
    server = ChromaServer(tmp_path / "data")
    script = words[3].replace("$$", "$").replace("/8000", f"/{server.port}")
    run = ["bash", "-c", script]
    assert subprocess.run(run, capture_output=True, check=False).returncode != 0
    server.start()
    try:
        assert subprocess.run(run, capture_output=True, check=False, timeout=20).returncode == 0
    finally:
        server.stop()


def test_the_proxy_keeps_visitors_where_they_began_and_speaks_tls(compose):
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(r"lb_policy cookie \w+ \{\$COOKIE_SECRET\}", text)
    assert "tls {$TLS_MODE}" in text
    assert "admin off" in text
    given = compose["services"]["proxy"]["environment"]
    assert set(re.findall(r"\{\$(\w+)\}", text)) == given.keys()
    assert given["APP_HOST"] in compose["services"]
    assert given["TLS_MODE"] == "${TLS_MODE:-internal}"


def test_the_build_sees_what_the_package_is_made_of_and_no_more():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    shown = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    listed = re.search(r"(?s)packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    packages = {name.split(".")[0] for name in re.findall(r'"([\w.]+)"', listed)}
    needed = {"app.py", "pyproject.toml", "requirements.lock", PROJECT["readme"], "LICENSE"}
    assert shown == packages | needed
    assert all((ROOT / name).exists() for name in shown)
