"""Nothing of ours reaches for another host: it runs in a closed network."""

import re
import subprocess
import sys

_ADDRESS = re.compile(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'<>)]*", re.IGNORECASE)
_NAMESPACES = ("http://www.w3.org/",)


def test_templates_and_static_name_no_host(root):
    found = []
    for folder in ("templates", "static"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".html", ".css", ".js", ".svg", ".json", ".webmanifest"} or "vendor" in path.parts:
                continue
            for nth, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                found += [
                    f"{path.relative_to(root)}:{nth}: {each}"
                    for each in _ADDRESS.findall(line)
                    if not each.startswith(_NAMESPACES)
                ]
    assert not found, "\n".join(found)


def test_starting_opens_no_socket(root, migrated, tmp_path):
    """Importing the app, making it and answering a page, with sockets forbidden."""
    (tmp_path / "qifang.db").write_bytes(migrated.read_bytes())
    program = (
        "import socket, sys\n"
        "def refuse(event, args):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'{event} {args}')\n"
        "sys.addaudithook(refuse)\n"
        "from app import create_app\n"
        "from app.config import Settings\n"
        f"app = create_app(Settings(instance={str(tmp_path)!r}, secret_key='x'))\n"
        "assert app.test_client().get('/login').status_code == 200\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout


def test_vendored_files_are_those_we_checked(root):
    """The SHA-256 of every vendored file stands in VENDOR.json."""
    import hashlib
    import json

    folder = root / "static" / "vendor"
    text = (folder / "VENDOR.json").read_text(encoding="utf-8")
    json.loads(text)
    unknown = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in ("VENDOR.json", "LICENSES.txt")
        and hashlib.sha256(path.read_bytes()).hexdigest() not in text
    ]
    assert not unknown, unknown
