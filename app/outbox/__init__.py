"""The phone's outbox 待上传: what was recorded without a signal arrives here, text first, each photo by itself, once.

Also what makes the app work without a network: its manifest, its service worker, and the list of pages to keep.
"""
