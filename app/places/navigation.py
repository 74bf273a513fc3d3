"""The way to a place by the map that people have on their phone. Pure."""

from urllib.parse import quote

from app.places.gcj02 import to_gcj02


def way_to(template: str, latitude: float, longitude: float, name: str = "") -> str:
    """The address that shows a point of WGS-84 on a map, as the setting navigation_url has it; '' makes a geo: address.

    `template` may name {latitude} and {longitude}, {north} and {east} (the same in GCJ-02), and {name}.
    """
    if not template:
        at = f"{latitude},{longitude}"
        return f"geo:{at}?q={at}({quote(name)})" if name else f"geo:{at}?q={at}"
    north, east = to_gcj02(latitude, longitude)
    return template.format(
        latitude=latitude, longitude=longitude, north=f"{north:.6f}", east=f"{east:.6f}", name=quote(name, safe="")
    )
