// A photo's own thread: upright, at most 1,600 pixels, a JPEG. Typing goes on meanwhile; photos.js does it itself where this fails.
const EDGE = 1600;

addEventListener("message", async ({ data: { nth, file } }) => {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff"; // what is transparent becomes white, as on the server
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    postMessage({ nth, blob: await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 }) });
  } catch { postMessage({ nth }); }
});
