"""Repairs what can be repaired in a row of a roster, with a word on each repair, and says what cannot be.

Pure: values in, values with messages out. Repairing a repaired row changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from onboarding.rosters.places import fold
from onboarding.rosters.states import BY_FIPS, BY_NAME, STATES, ZERO_ZIPS
from onboarding.rosters.vocabulary import country_code, country_name, kind_of, status_of

LENGTHS = {"name": 160, "name_2": 160, "street": 200, "street_2": 120, "city": 100, "state": 80, "postal_code": 16, "county": 80,
           "ehr": 60, "source_id": 80}  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
MOJIBAKE = re.compile(r"Ã[\x80-\xbf©¨¼¶¤±³¡­]|â€[™œ“”\x9d]|Â[\xa0-\xbf]|\ufffd")
SHEET_ERROR = re.compile(r"#(REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|N/A|SPILL!|CALC!|GETTING_DATA|#+)")
SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
FLOATED = re.compile(r"(\d+)\.0+")
US_PHONE = re.compile(r"\d{3}-\d{3}-\d{4}( x\d{1,8})?")
WEB = re.compile(r"https?://[^\s/?#@:]+\.[^\s/?#@:]+(:\d+)?([/?#]\S*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Message:
    """A word on one cell: what it held, what it holds now (None where it was refused or left), and why."""

    field: str
    before: str
    after: str | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the message as it is stored."""
        return {"field": self.field, "before": self.before, "after": self.after, "reason": self.reason}


@dataclass
class Repaired:
    """A row after repair. Any error refuses the row; notices only say something."""

    values: dict[str, str]
    repairs: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    notices: list[Message] = field(default_factory=list)

    def get(self, key: str) -> str:
        """Return the value of a field, empty where the roster has none."""
        return self.values.get(key, "")

    def put(self, key: str, after: str, reason: str) -> None:
        """Change a field and say why; nothing happens where it already holds that."""
        before = self.get(key)
        if before != after:
            self.values[key] = after
            self.repairs.append(Message(key, before, after, reason))

    def refuse(self, key: str, reason: str) -> None:
        """Refuse the row because of a field."""
        self.errors.append(Message(key, self.get(key), None, reason))

    def notice(self, key: str, reason: str) -> None:
        """Say something about a field that stays as it is."""
        self.notices.append(Message(key, self.get(key), None, reason))

    def drop(self, key: str, reason: str) -> None:
        """Leave a value out that cannot be used, where the row can do without it."""
        self.put(key, "", reason)


def repair(values: Mapping[str, str], *, country: str = "US") -> Repaired:
    """Repair one row. `country` is meant where the row names none."""
    row = Repaired(dict(values))
    for key in list(row.values):
        _spaces(row, key)
    _country(row, country)
    american = row.get("country") == "US"
    if american:
        _state(row)
        _zip(row)
        _county_fips(row)
    else:
        row.put("postal_code", _unfloated(row.get("postal_code")), "the code was stored as a decimal number")
    if SCIENTIFIC.fullmatch(row.get("source_id")):
        row.drop("source_id", "the spreadsheet kept only some of its digits; left out")
    _phone(row, american=american)
    _website(row)
    _coordinates(row, american=american)
    _words(row)
    _name(row)
    for key, longest in LENGTHS.items():
        if len(row.get(key)) > longest:
            row.refuse(key, f"longer than {longest} characters")
    return row


def _unfloated(written: str) -> str:
    """`6708.0` is `6708`: a spreadsheet or a data frame made a number of a code."""
    floated = FLOATED.fullmatch(written)
    return floated[1] if floated else written


def _spaces(row: Repaired, key: str) -> None:
    written = row.values[key]
    text = CONTROL.sub("", written)
    if text != written:
        row.put(key, text, "characters that cannot be seen were taken out")
    row.put(key, " ".join(text.split()), "spaces were doubled or at an end")
    if SHEET_ERROR.fullmatch(row.get(key)):
        row.drop(key, "an error of the spreadsheet; left out")
    if MOJIBAKE.search(row.get(key)):
        row.notice(key, "letters look garbled: the file may have been saved in another encoding")


def _name(row: Repaired) -> None:
    name = row.get("name")
    if not name:
        row.refuse("name", "a site needs a name")
    elif not any(char.isalnum() for char in name):
        row.refuse("name", "the name has no letter or digit")
    elif len(name) > 12 and " " in name and name.isupper():
        # Recasing would be a guess (NAMI, McLean): the name stays as its source wrote it.
        row.notice("name", "written in capitals; kept as written")


def _country(row: Repaired, default: str) -> None:
    written = row.get("country")
    if not written:
        row.values["country"] = default
        return
    code = country_code(written)
    if not code:
        row.refuse("country", "not a country that is known")
    elif code != written:
        row.put("country", code, f"{country_name(code)} has the code {code}")


def _state(row: Repaired) -> None:
    written = row.get("state")
    if not written or written in STATES:
        return
    code = written.upper() if written.upper() in STATES else BY_NAME.get(" ".join(fold(written).split()), "")
    if not code:
        row.refuse("state", "not a state or territory of the United States")
    else:
        row.put("state", code, f"{STATES[code][0]} has the code {code}")


def _zip(row: Repaired) -> None:
    written = row.get("postal_code")
    row.put("postal_code", _unfloated(written), "the ZIP was stored as a decimal number")
    _zip_plus_four(row)
    parted = re.fullmatch(r"(\d{3,5})[- ](\d{1,4})", row.get("postal_code"))
    digits = row.get("postal_code")
    if parted:
        _part(row, parted[1], parted[2].zfill(4))
    elif re.fullmatch(r"\d{7,9}", digits):
        _part(row, digits[:-4], digits[-4:])
    elif re.fullmatch(r"\d{5}-", digits):
        row.put("postal_code", digits[:5], "the hyphen had nothing after it")
    _lost_zero(row)


def _part(row: Repaired, five: str, four: str) -> None:
    other = row.get("zip_4")
    row.put("postal_code", five, "the ZIP+4 was split")
    if four == "0000":
        return
    if other and other != four:
        row.notice("zip_4", f"the postal code says {four}; the column is kept")
    else:
        row.put("zip_4", four, "the ZIP+4 was split")


def _zip_plus_four(row: Repaired) -> None:
    written = row.get("zip_4")
    if not written:
        return
    digits = _unfloated(written).lstrip("-")
    if not re.fullmatch(r"\d{1,4}", digits):
        row.drop("zip_4", "not four digits; left out")
    elif len(digits) < 4:
        row.put("zip_4", digits.zfill(4), "leading zeros were lost")
    else:
        row.put("zip_4", digits, "only the four digits are kept")


def _lost_zero(row: Repaired) -> None:
    digits, state = row.get("postal_code"), row.get("state")
    if not digits or re.fullmatch(r"\d{5}", digits):
        return
    if not re.fullmatch(r"\d{3,4}", digits):
        row.refuse("postal_code", "a ZIP has five digits")
        return
    whole = digits.zfill(5)
    if state in ZERO_ZIPS and whole[:3] in ZERO_ZIPS[state]:
        lost = 5 - len(digits)
        row.put(
            "postal_code",
            whole,
            f"{'a leading zero was' if lost == 1 else 'two leading zeros were'} lost: ZIPs in {state} begin so",
        )
    elif not state:
        row.refuse("postal_code", "a ZIP has five digits; without a state a lost zero cannot be put back")
    else:
        row.refuse("postal_code", f"a ZIP has five digits, and none in {state} begins with {whole[:3]}")


def _county_fips(row: Repaired) -> None:
    digits, state = _unfloated(row.get("county_fips")), row.get("state")
    if not digits:
        return
    prefix = STATES[state][1] if state in STATES else ""
    whole = digits.zfill(5) if re.fullmatch(r"\d{4}", digits) else digits
    if re.fullmatch(r"\d{1,3}", digits) and prefix:
        row.put("county_fips", prefix + digits.zfill(3), f"the code of {state} ({prefix}) was put before it")
    elif not re.fullmatch(r"\d{5}", whole):
        row.drop("county_fips", "a county code has five digits; left out")
    elif whole[:2] not in BY_FIPS:
        row.drop("county_fips", f"no state has the code {whole[:2]}; left out")
    elif prefix and whole[:2] != prefix:
        row.drop("county_fips", f"the code belongs to {BY_FIPS[whole[:2]]}, not to {state}; left out")
    else:
        row.put("county_fips", whole, "a leading zero was lost")


def _phone(row: Repaired, *, american: bool) -> None:
    written = row.get("phone")
    if not written or (american and US_PHONE.fullmatch(written)):
        return
    if sum(char.isdigit() for char in written) < 5:
        row.drop("phone", "not a telephone number; left out")
        return
    if not american:
        if len(written) > 40:
            row.drop("phone", "longer than 40 characters; left out")
        return
    main, extension = _extension(_unfloated(written))
    digits = re.sub(r"\D", "", main)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) == 10 and digits[0] not in "01":
        row.put(
            "phone",
            f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" + (f" x{extension}" if extension else ""),
            "written the usual way",
        )
    elif len(written) > 40:
        row.drop("phone", "longer than 40 characters; left out")
    else:
        row.notice("phone", "not ten digits; kept as written")


def _extension(written: str) -> tuple[str, str]:
    parted = re.fullmatch(r"(.+?)[ ,;]*(?:x|ext\.?|extension)[ .:]*(\d{1,8})", written, re.IGNORECASE)
    return (parted[1], parted[2]) if parted else (written, "")


def _website(row: Repaired) -> None:
    written = row.get("website")
    if not written or (WEB.fullmatch(written) and len(written) <= 300):
        return
    if written.casefold() in ("http://", "https://", "http:", "https:", "www."):
        row.drop("website", "the beginning of an address with nothing after it; left out")
        return
    slashed = re.sub(r"^(https?):?/{0,2}", r"\1://", written, flags=re.IGNORECASE)
    address = slashed if re.match(r"https?://", slashed, re.IGNORECASE) else f"http://{written}"
    if (
        WEB.fullmatch(address)
        and len(address) <= 300
        and not re.match(r"[a-z]+:", written.removeprefix("http:").removeprefix("https:"), re.IGNORECASE)
    ):
        row.put("website", address, "the address of the page lacked its beginning")
    else:
        row.drop("website", "not the address of a web page; left out")


def _coordinates(row: Repaired, *, american: bool) -> None:
    for key in ("latitude", "longitude"):
        if re.fullmatch(r"[-+]?\d{1,3},\d+", row.get(key)):
            row.put(key, row.get(key).replace(",", "."), "a decimal comma was written")
    latitude, longitude = _decimal(row, "latitude"), _decimal(row, "longitude")
    if latitude is not None and longitude is not None:
        if latitude == 0 and longitude == 0:
            for key in ("latitude", "longitude"):
                row.drop(key, "0, 0 stands for unknown; left out")
            return
        swapped = american and -180 <= latitude <= -60 and 13 <= longitude <= 72
        if swapped:
            first, second = row.get("latitude"), row.get("longitude")
            row.put("latitude", second, "latitude and longitude were swapped")
            row.put("longitude", first, "latitude and longitude were swapped")
            latitude, longitude = longitude, latitude
    if latitude is not None and abs(latitude) > 90:
        row.refuse("latitude", "a latitude lies between -90 and 90")
    if longitude is not None and abs(longitude) > 180:
        row.refuse("longitude", "a longitude lies between -180 and 180")


def _decimal(row: Repaired, key: str) -> Decimal | None:
    written = row.get(key)
    if not written:
        return None
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        row.refuse(key, "not a number")
        return None
    return number


def _words(row: Repaired) -> None:
    kind = row.get("kind")
    if kind:
        row.values.setdefault("kind_written", kind)
        code = kind_of(kind)
        if not code:
            row.drop("kind", "no kind of site has this name; the word of the source is kept beside it")
        else:
            row.values["kind"] = code  # a translation, not a repair: the source's own word stays beside it
    status = row.get("status")
    if status:
        code = status_of(status)
        if not code:
            row.drop("status", "not a status that is known; taken as active")
        else:
            row.values["status"] = code


def repeat_key(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    """What makes two rows the same site: name, street and postal code as written. None where two of them are missing."""
    key = (values.get("name", ""), values.get("street", ""), values.get("postal_code", ""))
    return key if sum(bool(part) for part in key) >= 2 and key[0] else None


def loose_key(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The same but for capitals and punctuation: worth a word, not worth leaving a row out."""
    key = repeat_key(values)
    return None if key is None else (_plain(key[0]), _plain(key[1]), _plain(key[2]))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
