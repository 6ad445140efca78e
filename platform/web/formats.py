"""How dates, times, numbers and money are written on screen (docs/how-to/add-a-page.md lists them with examples)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_skeleton
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import get_language
from markupsafe import Markup

from web.language import locale

NOTHING = "–"
MINUS = "−"
RELATIVE_FOR = timedelta(hours=48)

Moment = date | datetime


def local(value: Moment) -> Moment:
    """Return an aware moment in the current time zone; dates and naive moments as they are."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day(value: Moment | None) -> str:
    """Write a date as "24 Nov", with the year if it is not this one."""
    if value is None:
        return NOTHING
    value = local(value)
    if isinstance(value, datetime):
        value = value.date()
    return _written(value, "j M" if value.year == _this_year() else "j M Y", get_language())


def _this_year() -> int:
    """On all but two days it is the same year in every zone, and asking for the zone is most of what a date costs."""
    now = timezone.now()
    return now.year if (1, 1) < (now.month, now.day) < (12, 31) else timezone.localdate(now).year


@lru_cache(maxsize=4096)
def _written(value: date, form: str, language: str | None) -> str:
    """A list of items names the same few days over and over."""
    if language and not language.startswith("en"):
        skeleton = "yMMMd" if form.endswith("Y") else "MMMd"
        return format_skeleton(skeleton, value, locale=locale())
    return date_text(value, form)


def long_day(value: date) -> str:
    """Write a date in full, as a certificate does: "24 November 2026", "24 de noviembre de 2026"."""
    spoken = locale()
    return date_text(value, "j F Y") if spoken.language == "en" else format_date(value, "long", locale=spoken)


def weekday(value: Moment | None) -> str:
    """Write a date with its weekday: "Tue 24 Nov"."""
    return NOTHING if value is None else f"{date_text(local(value), 'D')} {day(value)}"


def day_range(start: Moment | None, end: Moment | None) -> str:
    """Write "12 Jan – 26 Jan"; one date alone, or twice the same, is written once."""
    first, last = day(start), day(end)
    if first == last or end is None:
        return first
    return last if start is None else f"{first} – {last}"


def clock(value: datetime | None) -> str:
    """Write a time of day as "14:00"."""
    return NOTHING if value is None else date_text(local(value), "H:i")


def moment(value: datetime | None) -> str:
    """Write "24 Nov 14:00"."""
    return NOTHING if value is None else f"{day(value)} {clock(value)}"


def ago(value: datetime | None) -> str:
    """Write how long ago or until, inside 48 hours ("12 minutes ago", "in 3 hours"); outside them the date and time."""
    if value is None:
        return NOTHING
    distance = timezone.now() - value
    if abs(distance) >= RELATIVE_FOR:
        return moment(value)
    minutes = int(abs(distance).total_seconds() // 60)
    if minutes == 0:
        return "just now"
    amount = plural(minutes, "minute") if minutes < 60 else plural(minutes // 60, "hour")
    return f"in {amount}" if distance < timedelta(0) else f"{amount} ago"


def days_between(start: Moment, end: Moment) -> int:
    """Count the calendar days from start to end, negative when end is earlier."""
    return (_date(end) - _date(start)).days


def percent(value: float | Decimal | None, digits: int = 0) -> str:
    """Write a number out of 100 as "64 %"."""
    return NOTHING if value is None else f"{number(value, digits)} %"


def share(part: float, whole: float, digits: int = 0) -> str:
    """Write part of whole as "64 %"; a dash when there is no whole."""
    return NOTHING if not whole else percent(Decimal(str(part)) * 100 / Decimal(str(whole)), digits)


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """Write "1,184.5" with a real minus; `digits` rounds half up, without it an integer stays one."""
    if value is None:
        return NOTHING
    amount = Decimal(str(value))
    if digits is not None:
        amount = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(amount):,f}"
    return f"{MINUS}{text}" if amount < 0 else text


def signed(value: float | Decimal, digits: int | None = None) -> str:
    """Write a change as "+4", "−3" or "0"."""
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)


def money(value: Decimal | None, currency: str = "") -> str:
    """Write "78,842.00"; give the currency only where no table head names it."""
    if value is None:
        return NOTHING
    return f"{number(value, 2)} {currency}".rstrip()


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write "1 item", "3 items"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """Write a file size as "812 KB" or "3.4 MB"."""
    if octets < 1000:
        return f"{octets} B"
    return f"{octets / 1000:,.0f} KB" if octets < 1_000_000 else f"{octets / 1_000_000:,.1f} MB"


def monogram(name: str) -> str:
    """Return up to three capitals that stand for a person or role: "Implementation manager" → "IM"."""
    words = name.replace("/", " ").replace("-", " ").split()
    if len(words) == 1:
        return words[0][:3].upper()
    return "".join(word[0] for word in words[:3]).upper()


STYLES: dict[str, Callable[[Any], str]] = {"day": day, "weekday": weekday, "clock": clock, "moment": moment, "ago": ago}


def time_tag(value: Moment | None, style: str = "day", text: str | None = None) -> Markup:
    """Return `<time datetime="2026-11-24">24 Nov</time>`; `style` is one of STYLES, `text` replaces the wording.

    A relative wording carries the exact moment as its title.
    """
    if value is None:
        return Markup('<span class="quiet">–</span>')
    words: str = STYLES[style](value) if text is None else text
    exact = Markup(' title="{}"').format(moment(value)) if style == "ago" and isinstance(value, datetime) else ""
    return Markup('<time datetime="{}"{}>{}</time>').format(local(value).isoformat(), exact, words)


def _date(value: Moment) -> date:
    value = local(value)
    return value.date() if isinstance(value, datetime) else value
