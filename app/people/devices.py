"""What a browser says of itself, in a word or two that its owner knows again. Pure.

Only this much is kept of a device: kind and browser, no version, no address, nothing that tells one phone from another
of its kind.
"""

_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("QQBrowser", "QQ"),
    ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Xiaomi"),
    ("360", "360"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_of(user_agent: str) -> str:
    """As in 'iPhone · WeChat'; '' when the browser does not say. Proper names, the same in every language."""
    found = (next((name for sign, name in table if sign in user_agent), "") for table in (_SYSTEMS, _BROWSERS))
    return " · ".join(each for each in found if each)
