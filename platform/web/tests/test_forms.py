"""Forms: label, hint, error, control, and a summary whose links lead to the fields."""

import re

from django import forms
from django.template import engines

from web.forms import DateInput, Form, ModelForm, mistakes, mistakes_title
from web.gallery import GoLive


def draw(form: forms.Form) -> str:
    return engines["jinja2"].env.from_string("{{ ui.form(form, '', 'Save', cancel='/back') }}").render(form=form)


def test_a_field_stands_in_the_order_label_hint_error_control() -> None:
    text = draw(GoLive({"go_live": "2020-01-01", "owner": "x", "wave": "1"}))
    places = [
        text.index(piece)
        for piece in (
            '<label for="id_go_live">',
            'id="id_go_live_helptext"',
            'id="id_go_live_error"',
            '<input type="date"',
        )
    ]
    assert places == sorted(places)


def test_a_control_names_its_hint_and_its_error() -> None:
    text = draw(GoLive({"go_live": "2020-01-01", "owner": "x", "wave": "1"}))
    control = re.search(r'<input type="date"[^>]*>', text)
    assert control is not None
    assert 'aria-describedby="id_go_live_helptext id_go_live_error"' in control.group()
    assert 'aria-invalid="true"' in control.group()
    assert 'value="2020-01-01"' in control.group()


def test_every_id_that_is_referred_to_exists() -> None:
    text = draw(GoLive({}))
    ids = set(re.findall(r' id="([^"]+)"', text))
    wanted = {name for names in re.findall(r' (?:aria-describedby|for)="([^"]+)"', text) for name in names.split()}
    wanted |= set(re.findall(r'href="#([^"]+)"', text))
    assert wanted <= ids


def test_the_summary_lists_every_error_with_a_link_to_its_field() -> None:
    form = GoLive({"go_live": "", "owner": "", "wave": "1"})
    assert [(m.text, m.target) for m in mistakes(form)] == [
        ("Enter go-live", "id_go_live"),
        ("Name a rollback owner", "id_owner"),
    ]
    assert "<h2>Two things to correct</h2>" in draw(form)
    assert [mistakes_title(n) for n in (1, 2, 12)] == [
        "One thing to correct",
        "Two things to correct",
        "12 things to correct",
    ]


def test_a_missing_choice_is_asked_for_as_a_choice() -> None:
    form = GoLive({"go_live": "2999-01-01", "owner": "x"})
    assert [(m.text, m.target) for m in mistakes(form)] == [("Choose wave", "id_wave")]


def test_an_error_of_the_whole_form_has_no_link() -> None:
    class Never(Form):
        name = forms.CharField()

        def clean(self) -> None:
            raise forms.ValidationError("Quiet hours need a start and an end.")

    text = draw(Never({"name": "x"}))
    assert "<li>Quiet hours need a start and an end.</li>" in text


def test_an_untouched_form_shows_no_summary_and_says_what_is_optional() -> None:
    text = draw(GoLive())
    assert "data-errors" not in text
    assert "(optional)" in text
    assert text.count("aria-invalid") == 0
    assert "novalidate" in text


def test_a_form_with_a_file_says_so_in_its_encoding() -> None:
    class Upload(Form):
        paper = forms.FileField()

    assert 'enctype="multipart/form-data"' in draw(Upload())


def test_a_hidden_field_has_no_label() -> None:
    class Quiet(Form):
        version = forms.IntegerField(widget=forms.HiddenInput)

    assert draw(Quiet({"version": 3})).count("<label") == 0


def test_dates_are_written_as_the_browser_reads_them() -> None:
    assert DateInput().format == "%Y-%m-%d"
    assert issubclass(ModelForm, forms.ModelForm)
