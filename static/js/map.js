// The map of open issues: points in clusters, their late ones counted, the districts' names, outlines and tiles where there are any.
(async () => {
  "use strict";
  const box = document.getElementById("map");
  if (!box || !window.L) return;
  const say = box.dataset, CELL = 48, TONES = ["amber", "green", "grey"];
  const make = (tag, text, cls) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };
  let data;
  try {
    const answer = await fetch(box.dataset.points, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    data = await answer.json();
  } catch {
    box.append(make("p", say.sayLost, "empty"));
    return;
  }

  const map = L.map(box, { zoomControl: false, minZoom: 8, maxZoom: 18, zoomSnap: .5 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: say.sayZoomIn, zoomOutTitle: say.sayZoomOut }).addTo(map);
  const credit = (text) => make("span", text).innerHTML; // Leaflet takes it as markup
  if (say.tiles) L.tileLayer(say.tiles, { attribution: credit(say.credit), maxZoom: 18 }).addTo(map);
  const ends = data.points.length ? data.points.map((p) => [p[1], p[2]]) : data.places.map((p) => [p[1], p[2]]);
  map.fitBounds(L.latLngBounds(ends).pad(.06), { maxZoom: 13, animate: false });

  if (say.outlines) {
    fetch(say.outlines).then((answer) => answer.ok ? answer.json() : null).then((outlines) => {
      if (outlines) L.geoJSON(outlines, { interactive: false, attribution: credit(typeof outlines.credit === "string" ? outlines.credit : ""), style: { className: "outline" }, filter: (f) => f.geometry && f.geometry.type !== "Point" }).addTo(map).bringToBack();
    }).catch(() => {});
  }
  for (const [name, latitude, longitude] of data.places) {
    const label = make("div");
    label.append(make("span", name));
    L.marker([latitude, longitude], { interactive: false, keyboard: false, zIndexOffset: -10000, icon: L.divIcon({ html: label, className: "place-name", iconSize: [0, 0] }) }).addTo(map);
  }

  const link = ([id, , , tone, title, firm]) => {
    const a = make("a"), words = make("strong");
    words.append(make("i", "", tone), title);
    a.href = data.path + id;
    a.append(words, make("span", firm));
    return a;
  };
  const popup = (points) => {
    const list = make("ul");
    for (const point of points.slice(0, 20)) { const item = make("li"); item.append(link(point)); list.append(item); }
    return list;
  };
  const layer = L.layerGroup().addTo(map);
  const draw = () => {
    layer.clearLayers();
    const seen = map.getBounds().pad(.3), clusters = [];
    for (const point of data.points) {
      const at = L.latLng(point[1], point[2]);
      if (!seen.contains(at)) continue;
      const pixel = map.project(at);
      let near = null, best = CELL;
      for (const each of clusters) { const apart = each.pixel.distanceTo(pixel); if (apart < best) { best = apart; near = each; } }
      near ? near.points.push(point) : clusters.push({ pixel, at, points: [point] });
    }
    for (const { at, points } of clusters) {
      const n = points.length, late = points.filter((p) => p[3] === "red").length;
      const count = (each) => points.filter((p) => p[3] === each).length;
      const tone = n === late ? "red" : TONES.reduce((most, each) => count(each) > count(most) ? each : most);
      const size = n === 1 ? 18 : Math.min(28 + 4 * Math.log2(n), 52), face = make("div", n > 1 ? String(n) : "");
      if (late && late < n) face.append(make("b", String(late)));
      const icon = L.divIcon({ html: face, className: "pin " + tone, iconSize: [size, size] });
      const name = n === 1 ? points[0][4] : n + " " + say.sayCount + (late ? " · " + say.sayLate + " " + late : "");
      const pin = L.marker(at, { icon, title: name, alt: name, riseOnHover: true }).addTo(layer);
      const spread = L.latLngBounds(points.map((p) => [p[1], p[2]]));
      const apart = map.project(spread.getNorthEast(), 18).distanceTo(map.project(spread.getSouthWest(), 18)) > CELL;
      if (n === 1 || (n <= 5 && map.getZoom() >= 14) || !apart) pin.bindPopup(popup(points), { maxWidth: 280 });
      else pin.on("click keypress", () => map.fitBounds(spread.pad(.4), { maxZoom: 17 }));
    }
  };
  map.on("zoomend moveend", draw);
  draw();
})();
