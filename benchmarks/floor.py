"""The floor: a bare Flask and Jinja page that reads twenty rows through sqlite3; a bare durable insert with a photo.

Nothing of ours is in it: what a page costs beyond this is what the app adds.
"""

import io
import os
import sqlite3
import tempfile
import threading
from pathlib import Path

from flask import Flask, render_template, request
from jinja2 import DictLoader
from PIL import Image

PAGE = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>企业</title></head>
<body><h1>企业</h1><table>
{% for row in rows %}<tr><td><a href="/firms/{{ row.id }}">{{ row.name }}</a></td><td>{{ row.address }}</td>
<td>{{ row.status }}</td></tr>
{% endfor %}</table></body></html>"""


def create_floor(database: str, folder: str) -> Flask:
    """The bare app on a made-up city's database; what it writes goes to `folder`."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    held = threading.local()
    Path(folder).mkdir(parents=True, exist_ok=True)

    def db(path: str) -> sqlite3.Connection:
        if path not in held.__dict__:
            connection = sqlite3.connect(path, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA busy_timeout = 10000")
            held.__dict__[path] = connection
        return held.__dict__[path]

    own = str(Path(folder) / "floor.db")
    db(own).execute("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY, notes TEXT, photos TEXT)")

    @app.get("/")
    def page():
        rows = db(database).execute("SELECT id, name, address, status FROM firms ORDER BY id LIMIT 20").fetchall()
        return render_template("page.html", rows=rows)

    @app.post("/")
    def record():
        names = []
        for upload in request.files.getlist("photos"):
            image = Image.open(upload.stream)
            image.draft("RGB", (1600, 1600))
            image.thumbnail((1600, 1600))
            held_bytes = io.BytesIO()
            image.convert("RGB").save(held_bytes, "JPEG", quality=82)
            handle, name = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(held_bytes.getvalue())
                file.flush()
                os.fsync(file.fileno())
            names.append(name)
        db(own).execute("INSERT INTO visits (notes, photos) VALUES (?, ?)", (request.form["notes"], ",".join(names)))
        return "", 303

    return app
