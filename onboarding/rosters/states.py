"""States of the United States: codes, names, FIPS prefixes, and those whose ZIPs begin with a zero."""

STATES: dict[str, tuple[str, str]] = {
    "AL": ("Alabama", "01"), "AK": ("Alaska", "02"), "AZ": ("Arizona", "04"), "AR": ("Arkansas", "05"),
    "CA": ("California", "06"), "CO": ("Colorado", "08"), "CT": ("Connecticut", "09"), "DE": ("Delaware", "10"),
    "DC": ("District of Columbia", "11"), "FL": ("Florida", "12"), "GA": ("Georgia", "13"), "HI": ("Hawaii", "15"),
    "ID": ("Idaho", "16"), "IL": ("Illinois", "17"), "IN": ("Indiana", "18"), "IA": ("Iowa", "19"),
    "KS": ("Kansas", "20"), "KY": ("Kentucky", "21"), "LA": ("Louisiana", "22"), "ME": ("Maine", "23"),
    "MD": ("Maryland", "24"), "MA": ("Massachusetts", "25"), "MI": ("Michigan", "26"), "MN": ("Minnesota", "27"),
    "MS": ("Mississippi", "28"), "MO": ("Missouri", "29"), "MT": ("Montana", "30"), "NE": ("Nebraska", "31"),
    "NV": ("Nevada", "32"), "NH": ("New Hampshire", "33"), "NJ": ("New Jersey", "34"), "NM": ("New Mexico", "35"),
    "NY": ("New York", "36"), "NC": ("North Carolina", "37"), "ND": ("North Dakota", "38"), "OH": ("Ohio", "39"),
    "OK": ("Oklahoma", "40"), "OR": ("Oregon", "41"), "PA": ("Pennsylvania", "42"), "RI": ("Rhode Island", "44"),
    "SC": ("South Carolina", "45"), "SD": ("South Dakota", "46"), "TN": ("Tennessee", "47"), "TX": ("Texas", "48"),
    "UT": ("Utah", "49"), "VT": ("Vermont", "50"), "VA": ("Virginia", "51"), "WA": ("Washington", "53"),
    "WV": ("West Virginia", "54"), "WI": ("Wisconsin", "55"), "WY": ("Wyoming", "56"),
    "AS": ("American Samoa", "60"), "GU": ("Guam", "66"), "MP": ("Northern Mariana Islands", "69"),
    "PR": ("Puerto Rico", "72"), "VI": ("Virgin Islands", "78"),
    "FM": ("Federated States of Micronesia", "64"), "MH": ("Marshall Islands", "68"), "PW": ("Palau", "70"),
    "AA": ("Armed Forces Americas", ""), "AE": ("Armed Forces Europe", ""), "AP": ("Armed Forces Pacific", ""),
}  # fmt: skip

BY_NAME: dict[str, str] = {name.casefold(): code for code, (name, _) in STATES.items()} | {
    "washington dc": "DC", "washington d.c.": "DC", "d.c.": "DC", "u.s. virgin islands": "VI", "us virgin islands": "VI",
    "commonwealth of puerto rico": "PR", "calif.": "CA", "calif": "CA", "mass.": "MA", "mass": "MA", "penna.": "PA",
}  # fmt: skip

# The first three digits of the ZIPs that begin with a zero, by state.
ZERO_ZIPS: dict[str, frozenset[str]] = {
    "CT": frozenset(f"{number:03}" for number in range(60, 70)),
    "MA": frozenset(f"{number:03}" for number in (*range(10, 28), 55)),
    "ME": frozenset(f"{number:03}" for number in range(39, 50)),
    "NH": frozenset(f"{number:03}" for number in range(30, 39)),
    "NJ": frozenset(f"{number:03}" for number in range(70, 90)),
    "NY": frozenset({"005", "063"}),
    "PR": frozenset({"006", "007", "009"}),
    "RI": frozenset({"028", "029"}),
    "VI": frozenset({"008"}),
    "VT": frozenset(f"{number:03}" for number in range(50, 60)),
    "AE": frozenset(f"{number:03}" for number in range(90, 100)),
}

BY_FIPS: dict[str, str] = {fips: code for code, (_, fips) in STATES.items() if fips}
