// The phone's position, for whoever asks: distances to firms, a visit's place, a firm's own position.
// It is looked up once for each asking and given to nobody but the caller; no track is kept anywhere.

const WAIT_MS = 15000;
const EARTH_M = 6371008;

// Latitude, longitude (five decimals: a metre) and accuracy in whole metres; null when refused or not to be had.
export const locate = () => new Promise((resolve) => {
  if (!navigator.geolocation) return resolve(null);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => resolve({
      latitude: Number(coords.latitude.toFixed(5)),
      longitude: Number(coords.longitude.toFixed(5)),
      accuracy: Math.round(coords.accuracy),
    }),
    () => resolve(null),
    { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60000 },
  );
});

// Whether a position may be looked up without asking first. Where the browser cannot tell: no.
export const mayLocate = async () => {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
};

// Metres between two points on a sphere: within half a percent, enough for "about".
export const metresBetween = (a, b) => {
  const rad = Math.PI / 180;
  const half = (x) => Math.sin(x * rad / 2) ** 2;
  const h = half(b.latitude - a.latitude) + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(b.longitude - a.longitude);
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
};

// "85 米" or "2.1 公里", in the page's own words (data-say-m, data-say-km).
export const inWords = (metres, say) => metres < 1000
  ? say.sayM.replace("{n}", String(Math.round(metres)))
  : say.sayKm.replace("{n}", (metres / 1000).toFixed(1));

// The position that an element carries in data-latitude and data-longitude, or null.
export const positionOf = (element) => element.dataset.latitude
  ? { latitude: Number(element.dataset.latitude), longitude: Number(element.dataset.longitude) }
  : null;
