"""`/office/boundaries`: the districts' outlines are uploaded, looked at, put on the map or taken off it."""

import json
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from app.boundaries import actions, files, outlines
from app.boundaries.forms import BoundariesForm
from app.boundaries.outlines import Drawing, System, Unfit
from app.clock import now
from app.db import get_db
from app.errors import Invalid, NotFound
from app.filters import named
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.permissions import Permission
from app.places import store as places
from app.translation import gettext as _

bp = Blueprint("boundaries", __name__)


@dataclass(frozen=True)
class Sight:
    """A file as the page shows it; without a drawing when it was put there by hand and does not hold what we ask."""

    digest: str
    credit: str
    saved_at: str
    kilobytes: int
    drawing: Drawing | None = None
    known: int = 0
    missing: list[str] = field(default_factory=list)
    off_centre: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def _instance() -> str:
    return current_app.config["SETTINGS"].instance


def _sight(name: str) -> Sight | None:
    kept = files.load(_instance(), name)
    if kept is None:
        return None
    whole, districts = json.loads(kept.raw), places.list_districts(get_db())
    credit, saved_at = (value if isinstance(value := whole.get(key), str) else "" for key in ("credit", "saved_at"))
    sight = Sight(kept.digest, credit, saved_at, kilobytes=max(1, round(len(kept.packed) / 1024)))
    try:
        shapes = outlines.read(kept.raw, System.WGS84, districts)
    except Unfit:
        return sight
    return replace(
        sight,
        drawing=outlines.draw(shapes, districts),
        known=sum(shape.district_id is not None for shape in shapes),
        missing=[named(row, "short_name") for row in outlines.missing(shapes, districts)],
        off_centre=[named(row, "short_name") for row in outlines.off_centre(shapes, districts)],
        others=[shape.name or _("（无名称）") for shape in shapes if shape.district_id is None],
    )


def _page(form: BoundariesForm, *, status: int = 200):
    shown, draft = _sight(files.SHOWN), _sight(files.DRAFT)
    return render("boundaries/index.html", status=status, form=form, shown=shown, draft=draft)


@bp.get("/office/boundaries")
@requires(Permission.RULES_EDIT)
def index():
    """What the map shows now, what waits to be looked at, and the form."""
    return _page(BoundariesForm())


@bp.post("/office/boundaries")
@requires(Permission.RULES_EDIT)
def propose():
    """Check a file and keep it for a look."""
    form, file = BoundariesForm(request.form), request.files.get("file")
    try:
        typed = form.read()
        raw = file.stream.read(outlines.MOST_BYTES + 1) if file else b""
        actions.propose(
            get_db(), _instance(), raw, system=typed["system"], credit=typed["credit"], by=current_user, now=now()
        )
    except Invalid as error:
        for name, message in error.fields.items():
            if not form[name].errors:
                form[name].errors = [_(message, **error.params)]
        return _page(form, status=422)
    return go_to(url_for(".index", _anchor="draft"), _("文件没有问题。请看预览，确认后启用。"))


@bp.post("/office/boundaries/publication")
@requires(Permission.RULES_EDIT)
def publish():
    """Put what was looked at on the map."""
    actions.publish(get_db(), _instance(), request.form.get("digest", ""), by=current_user, now=now())
    return go_to(url_for(".index"), _("地图已换上新的区县边界。"))


@bp.post("/office/boundaries/discarding")
@requires(Permission.RULES_EDIT)
def discard():
    """Drop what was proposed."""
    actions.discard(get_db(), _instance(), by=current_user, now=now())
    return go_to(url_for(".index"), _("已撤下预览，地图没有变。"))


@bp.post("/office/boundaries/removal")
@requires(Permission.RULES_EDIT)
def remove():
    """Take the outlines off the map."""
    actions.remove(get_db(), _instance(), by=current_user, now=now())
    return go_to(url_for(".index"), _("地图上的区县边界已撤下。"))


@bp.get("/review/boundaries.geojson")
@requires(Permission.REVIEW_READ)
def show():
    """The outlines that the map draws; kept by the browser until they change."""
    kept = files.load(_instance(), files.SHOWN)
    if kept is None:
        raise NotFound(N_("地图上没有区县边界。"))
    is_packed = request.accept_encodings["gzip"] > 0
    response = Response(kept.packed if is_packed else kept.raw, mimetype="application/geo+json")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(f"{kept.digest[:32]}{'-gz' if is_packed else ''}")
    return response.make_conditional(request)
