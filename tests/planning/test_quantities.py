"""Quantities as Kubernetes reads them: one spelling for each amount, and no two amounts with one."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.planning.quantities import amount, canonical_quantity

UNITS = {
    "": Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "E": 10**18,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
    "Ei": 2**60,
}
NANO = Fraction(1, 10**9)

numbers = st.decimals(0, 4096, places=3, allow_nan=False)
units = st.sampled_from(sorted(UNITS))


def rounded_up(value):
    """To whole billionths, away from zero."""
    steps = abs(value) / NANO
    return (-1 if value < 0 else 1) * -(-steps.numerator // steps.denominator) * NANO


@given(numbers, units, numbers, units)
def test_two_quantities_have_one_spelling_exactly_where_they_are_the_same(first, unit, second, other):
    same = rounded_up(Fraction(first) * UNITS[unit]) == rounded_up(Fraction(second) * UNITS[other])
    assert (canonical_quantity(f"{first}{unit}") == canonical_quantity(f"{second}{other}")) == same


@given(numbers, units)
def test_a_spelling_is_itself_canonical_and_says_the_same(number, unit):
    canonical = canonical_quantity(f"{number}{unit}")
    assert canonical_quantity(canonical) == canonical
    text = canonical.rstrip("kKMGTPEi")
    assert Fraction(text) * UNITS[canonical.removeprefix(text)] == rounded_up(Fraction(number) * UNITS[unit])


@given(
    st.integers(-(10**18), 10**18), st.integers(-12, 40), st.sampled_from("eE"), st.sampled_from(["", "+"])
)
def test_exponents_are_powers_of_ten(mantissa, exponent, letter, sign):
    plus = sign if exponent >= 0 else ""
    expected = rounded_up(Fraction(mantissa) * Fraction(10) ** exponent)
    assert Fraction(amount(f"{mantissa}{letter}{plus}{exponent}")) == expected


@given(st.integers(0, 10**15))
def test_every_spelling_of_a_whole_amount_comes_out_alike(whole):
    spellings = [
        *(str(whole), f"+{whole}", f"{whole}.", f"{whole}.0", f"00{whole}", f" {whole} ", whole),
        *(f"{whole}e0", f"{whole}E+0", f"{whole}000m", f"{whole}000000u", f"{whole}0e-1", f"{whole}00E-2"),
        f"{Decimal(whole).scaleb(-3):f}k",
    ]
    assert len({canonical_quantity(text) for text in spellings}) == 1


@pytest.mark.parametrize(
    "group",
    [
        ("4", "4000m", "4.0", "4.", "4e0", "0.004k", 4, 4.0, "+4"),
        ("0.5", ".5", "500m", "5e-1", 0.5, "500000u", "500000000n"),
        ("64Gi", "65536Mi", "68719476736", "67108864Ki", "68719476736000m", 68719476736),
        ("1k", "1000", "1e3", "1E3", "1000000m"),
        ("12E", "12e18", "12000P", "12E18"),
        ("1Ei", "1024Pi", "1152921504606846976"),
        ("1.5Gi", "1536Mi"),
        ("0", "0Gi", "-0", "0.0", "0m", "0e9", 0),
        ("0.1n", "1n", "0.0000000001", "1e-9", "1e-30"),
        ("-1", "-1000m", "-1.0"),
    ],
)
def test_ways_to_say_one_amount(group):
    assert len({canonical_quantity(text) for text in group}) == 1


def test_the_suffix_e_is_no_exponent():
    assert amount("12E") == 12 * 10**18
    assert amount("12E2") == 1200
    assert amount("12Ei") == 12 * 2**60
    assert len({canonical_quantity(text) for text in ("1m", "1M", "1Mi", "1", "1k", "1Ki")}) == 6


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "lots",
            "1 Gi",
            "1gi",
            "1K",
            "1B",
            "1GiB",
            "8Gi8",
            "1e",
            "1e+",
            "1e1.5",
            "1e3k",
            "1ki",
            "1mi",
            ".",
        ),
        *("-", "+", "--1", "1,5", "1_000", "0x10", "inf", "NaN", "1e100", "1e-100", "1e999999999", "9" * 65),
        *("\u0661", "1\n2", "1Gi\x00", "1Gi1Gi"),
    ],
)
def test_what_is_no_quantity_stays_as_it_is(text):
    assert canonical_quantity(text) == text
    assert amount(text) is None


@pytest.mark.parametrize(
    "value", [None, True, False, [], ["1"], {}, {"1": 1}, float("inf"), float("nan"), 10**80]
)
def test_what_is_no_text_and_no_number_stays_too(value):
    assert canonical_quantity(value) is value


def test_the_largest_number_that_is_read_keeps_all_its_digits():
    digits = "9" * 60
    assert Fraction(amount(f"{digits}e99")) == int(digits) * 10**99
    assert Fraction(amount(f"{digits}Ei")) == int(digits) * 2**60
    assert amount("1.0000000001") == Decimal("1.0000000001").quantize(Decimal("1e-9"), rounding=ROUND_UP)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1000k", "1M"),
        ("1024k", "1000Ki"),
        ("1500M", "1500M"),
        ("1024Gi", "1Ti"),
        ("1000G", "1T"),
        ("0k", "0"),
        ("1500m", "1.5"),
        ("1n", "0.000000001"),
    ],
)
def test_the_largest_unit_that_divides_it(text, canonical):
    assert canonical_quantity(text) == canonical
