import pytest

from s2v.parameters import Parameter, check_all

SCALES = Parameter("scales", int, 8, "Scales", "How many.", low=1, high=64)
RADIUS = Parameter("radius", float, 0.1, "Radius", "How fine.", low=1e-3, high=1, unit="radians")
KIND = Parameter("kind", str, "a", "Kind", "Which.", choices=("a", "b"))
SWITCH = Parameter("on", bool, False, "On", "Whether.")
TABLE = (SCALES, RADIUS, KIND, SWITCH)


def test_defaults_and_texts_become_typed_values():
    assert check_all(TABLE, {}, "it") == {"scales": 8, "radius": 0.1, "kind": "a", "on": False}
    given = {"scales": "16", "radius": "1e-2", "kind": "b", "on": "true"}
    assert check_all(TABLE, given, "it") == {"scales": 16, "radius": 0.01, "kind": "b", "on": True}
    assert SCALES.check(4.0) == 4


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        (SCALES, 65, "scales=65 is outside its range; allowed is a whole number from 1 to 64"),
        (SCALES, "many", "scales='many' is not a whole number"),
        (SCALES, 1.5, "scales=1.5 is not a whole number"),
        (SCALES, True, "not a whole number"),
        (SCALES, None, "not a whole number"),
        (SCALES, "1e400", "not a whole number"),
        (RADIUS, float("nan"), "not finite"),
        (RADIUS, "inf", "not finite"),
        (RADIUS, 2, "from 0.001 to 1 radians"),
        (KIND, "c", "one of a, b"),
        (SWITCH, "perhaps", "true or false"),
        (SWITCH, 1, "true or false"),
    ],
)
def test_messages_say_what_was_given_and_what_is_allowed(parameter, value, words):
    with pytest.raises(ValueError, match=words):
        parameter.check(value)


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="it has no parameter 'scale'; its parameters are: scales, radius, kind, on"):
        check_all(TABLE, {"scale": 1}, "it")
