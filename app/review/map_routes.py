"""The map: open issues where they are, in the colour of their clock, and a list that says the same without a script."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, current_app, jsonify, url_for
from flask_login import current_user

from app.boundaries import files
from app.clock import now, to_text
from app.db import get_db
from app.filters import named
from app.guard import requires
from app.htmx import render
from app.permissions import Permission
from app.places import store as places
from app.review import store
from app.review.links import IssueLinks
from app.review.models import Bar

bp = Blueprint("map", __name__)

MOST_POINTS = 5_000
"""A city has some 3,000 open issues; of a province's many more, a phone gets those due first (0.6 MB)."""


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
            named(row),
            row["n"],
            links.open(**{parameter: row["id"]}),
            row["late"],
            links(due="overdue", **{parameter: row["id"]}),
        )
        for row in rows
        if row["n"] and row["id"]
    ]
    settings = current_app.config["SETTINGS"]
    return render(
        "review/map.html",
        bars=bars,
        rest=sum(row["n"] for row in rows if not row["id"]),
        rest_url=links.open(without="township"),
        top=max((bar.n for bar in bars), default=1),
        most=MOST_POINTS if sum(row["n"] for row in rows) > MOST_POINTS else None,
        moment=moment,
        tile_url=settings.tile_url,
        tile_credit=settings.tile_credit,
        has_outlines=files.load(settings.instance, files.SHOWN) is not None,
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
            for row in store.list_points(db, district_id=district_id, limit=MOST_POINTS)
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
