"""The map: open issues where they are, in the colour of their clock, and a list that says the same without a script."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.clock import now, to_text
from app.db import get_db
from app.errors import NotFound
from app.filters import named
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.permissions import Permission
from app.places import store as places
from app.review import store
from app.review.links import IssueLinks
from app.review.models import Bar

bp = Blueprint("map", __name__)

OUTLINES = "boundaries.geojson"
"""The file of outlines that the office puts into the instance folder; a public map in China needs its 审图号."""

MOST_OUTLINE_BYTES = 8 * 1024 * 1024


@bp.get("/review/map")
@requires(Permission.REVIEW_READ)
def index():
    """The map of the reader's district or of the city."""
    db, moment = get_db(), now()
    links = IssueLinks()
    if current_user.district_id:
        rows = store.count_open_by(db, "township", district_id=current_user.district_id, now=moment)
        parameter = "township"
    else:
        rows = store.count_open_by_district(db, now=moment)
        parameter = "district"
    bars = [
        Bar(
            named(row) if row["id"] else _("企业没有登记乡镇街道"),
            row["n"],
            links.open(**{parameter: row["id"]}) if row["id"] else links.open(),
            row["late"],
            links(due="overdue", **{parameter: row["id"]}) if row["id"] else "",
        )
        for row in rows
        if row["n"] and row["id"]
    ]
    settings = current_app.config["SETTINGS"]
    return render(
        "review/map.html",
        bars=bars,
        rest=sum(row["n"] for row in rows if not row["id"]),
        top=max((bar.n for bar in bars), default=1),
        moment=moment,
        tile_url=settings.tile_url,
        tile_credit=settings.tile_credit,
        has_outlines=_outlines().is_file(),
    )


@bp.get("/review/map.json")
@requires(Permission.REVIEW_READ)
def points():
    """The points: [id, latitude, longitude, colour, title, firm], and the districts' names at their centres."""
    db, moment = get_db(), now()
    district_id = current_user.district_id
    return jsonify(
        path=url_for("issues.index"),
        points=[
            [
                row["id"],
                round(row["latitude"], 5),
                round(row["longitude"], 5),
                _tone(row, moment),
                row["title"],
                row["firm"],
            ]
            for row in store.list_points(db, district_id=district_id)
        ],
        places=[
            [named(row, "short_name"), row["latitude"], row["longitude"]]
            for row in places.list_districts(db)
            if district_id in (None, row["id"])
        ],
    )


def _tone(row: Mapping, moment: datetime) -> str:
    at = to_text(moment)
    if row["due_at"] is None:
        return "grey"
    if row["due_at"] < at:
        return "red"
    return "amber" if row["amber_at"] and row["amber_at"] <= at else "green"


@bp.get("/review/boundaries.geojson")
@requires(Permission.REVIEW_READ)
def outlines():
    """The outlines, if the office has put its file there and it is GeoJSON."""
    path = _outlines()
    if not path.is_file() or path.stat().st_size > MOST_OUTLINE_BYTES:
        raise NotFound(N_("还没有放入区县边界文件。"))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise NotFound(N_("区县边界文件不是 GeoJSON，请检查。")) from None
    if not isinstance(found, dict) or found.get("type") not in ("FeatureCollection", "Feature"):
        raise NotFound(N_("区县边界文件不是 GeoJSON，请检查。"))
    return Response(json.dumps(found, ensure_ascii=False), mimetype="application/geo+json")


def _outlines() -> Path:
    return Path(current_app.config["SETTINGS"].instance) / OUTLINES
