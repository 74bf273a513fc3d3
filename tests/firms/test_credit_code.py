"""Credit codes: the check character by GB 32100-2015, and what is no code at all."""

import pytest

from app.firms.credit_code import ALPHABET, check_character, is_valid, organisation_check_character

# The specimen that published descriptions of the standard work through.
SPECIMEN = "91350100M000100Y43"


def test_the_specimen_is_valid():
    assert check_character(SPECIMEN[:17]) == "3"
    assert organisation_check_character(SPECIMEN[8:16]) == SPECIMEN[16]
    assert is_valid(SPECIMEN)


@pytest.mark.parametrize("place", range(18))
def test_one_wrong_character_is_noticed(place):
    for other in ALPHABET:
        if other != SPECIMEN[place]:
            assert not is_valid(SPECIMEN[:place] + other + SPECIMEN[place + 1 :])


def test_two_neighbours_swapped_are_noticed():
    for place in range(17):
        swapped = SPECIMEN[:place] + SPECIMEN[place + 1] + SPECIMEN[place] + SPECIMEN[place + 2 :]
        assert swapped == SPECIMEN or not is_valid(swapped)


@pytest.mark.parametrize(
    "code", ["", "9", SPECIMEN[:17], SPECIMEN + "3", SPECIMEN.lower(), SPECIMEN + "\n", "９" + SPECIMEN[1:], "O" * 18]
)
def test_what_is_no_code(code):
    assert not is_valid(code)


@pytest.mark.parametrize("body", ["", "0" * 16, "0" * 18, "I" * 17, "٣" * 17])
def test_a_body_of_another_form_is_refused(body):
    with pytest.raises(ValueError, match="17 characters"):
        check_character(body)


@pytest.mark.parametrize("body", ["", "0" * 7, "abcdefgh", "٣" * 8])
def test_an_organisation_code_of_another_form_is_refused(body):
    with pytest.raises(ValueError, match="8 characters"):
        organisation_check_character(body)
