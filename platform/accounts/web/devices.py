"""The browser and system that a user-agent header names, in words a person recognizes."""

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"))
OTHER_SYSTEMS = (("CrOS", "Chromebook"), ("Linux", "Linux"))


def device(user_agent: str) -> str:
    """Return "Chrome on Windows"; a part that is not known is left out, nothing known reads "Unknown device"."""
    browser = next((word for mark, word in BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in (*SYSTEMS, *OTHER_SYSTEMS) if mark in user_agent), "")
    return " on ".join(filter(None, [browser, system])) or "Unknown device"
