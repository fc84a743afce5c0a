from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.extraction.quantities import Quantity, clock, exact, number, quantity, units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1,250", 1250),
        ("3.5", Fraction(7, 2)),
        ("12k", 12_000),
        ("2m", 2_000_000),
        ("eleven", 11),
        ("Ninety", 90),
    ],
)
def test_a_number_is_read_exactly(text, value):
    """Specification: figures with groups, k and m, and number words."""
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "many", "1.2.3", "v2", "12,50", "k"])
def test_what_is_no_number_is_none(text):
    """Parse or reject, never guess (design page)."""
    assert number(text) is None


@given(st.integers(0, 10**9))
def test_a_number_survives_its_groups(value):
    """Thousands separators don't change a number (specification)."""
    assert number(f"{value:,}") == value == number(str(value))


@pytest.mark.parametrize(
    ("text", "dimension", "base"),
    [
        ("90 minutes", "time", 5400),
        ("an hour", "time", 3600),
        ("two hours and a half", "time", 9000),
        ("250ms", "time", Fraction(1, 4)),
        ("€30", "euro", 30),
        ("30 euros", "euro", 30),
        ("$1,200", "dollar", 1200),
        ("2 GB", "data", 2_000_000_000),
        ("15 %", "fraction", 15),
        ("18 months", "span", 18),
    ],
)
def test_a_set_quantity_is_exact(text, dimension, base):
    """Design page: settings, versions, ports and money are exact."""
    assert quantity(text) == Quantity(Fraction(base), Fraction(base), dimension)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("80 kg", "79.5", "80.5"),
        ("80.0 kg", "79.95", "80.05"),
        ("1.75 m", "1.745", "1.755"),
        ("400 m", "399.5", "400.5"),
    ],
)
def test_a_measured_quantity_is_true_to_half_its_last_digit(text, low, high):
    """Design page: measured quantities are true to half the last digit."""
    found = quantity(text)

    assert (found.low, found.high) == (Fraction(low), Fraction(high))


def test_about_widens_by_five_percent():
    """Design page: "about" is 5 %."""
    assert quantity("about 100 minutes") == Quantity(Fraction(5700), Fraction(6300), "time")


def test_units_of_one_dimension_compare():
    """The definition of the pound and the inch: 0.45359237 kg and 2.54 cm."""
    pounds, kilos = quantity("176 lbs"), quantity("80 kg")
    feet, metres = quantity("6 ft 0 in"), quantity("1.83 m")

    assert pounds.low < kilos.high
    assert kilos.low < pounds.high
    assert feet.low < metres.high
    assert metres.low < feet.high


def test_freezing_is_the_same_in_both_scales():
    """0 °C is 32 °F (definition)."""
    celsius, fahrenheit = quantity("0 °c"), quantity("32 °f")

    assert (celsius.low + celsius.high) == (fahrenheit.low + fahrenheit.high)


@pytest.mark.parametrize(
    ("text", "rate"), [("20 euros a month", "month"), ("9 cents per kWh", "kwh"), ("50 requests per second", "second")]
)
def test_a_rate_names_its_denominator(text, rate):
    """Specification: "per" is kept apart from the figure."""
    assert quantity(text).rate == rate


@pytest.mark.parametrize("text", ["a sun", "a lot", "5 apples", "hours", "on 3 May", "", "an euro zone"])
def test_what_is_no_quantity_is_none(text):
    """A library measured for the design read "a sun" as a date: the own table doesn't."""
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9:15", 555),
        ("9:15 pm", 1275),
        ("8am", 480),
        ("12 am", 0),
        ("12pm", 720),
        ("noon", 720),
        ("four pm", 960),
        ("7.30 am", 450),
    ],
)
def test_an_hour_is_minutes_after_midnight(text, minutes):
    """The twelve-hour clock: 12 am is midnight, 12 pm noon."""
    assert clock(text) == minutes


@pytest.mark.parametrize("text", ["9", "25:00", "9:75", "3.11", "13 pm", "soon"])
def test_a_bare_number_or_a_version_is_no_hour(text):
    """Specification: an hour needs its minutes or its half of the day."""
    assert clock(text) is None


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_hour_of_the_day_is_read(hour, minute):
    """Round trip over the twenty-four-hour clock."""
    assert clock(f"{hour}:{minute:02}") == 60 * hour + minute


def test_every_unit_has_a_positive_factor():
    """A unit that shrinks to nothing would make all figures equal."""
    assert all(unit.factor > 0 for unit in units().values())


def test_exact_prefers_whole_numbers():
    """Claims carry int | Fraction; a whole Fraction is the int."""
    assert type(exact(Fraction(4, 2))) is int
    assert exact(Fraction(1, 2)) == Fraction(1, 2)
