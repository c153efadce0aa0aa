"""Records in other languages are read by the same rules."""

# ruff: noqa: RUF001 - texts in their own script

import pytest

from tests.intake.reading import read_one

# language: (heading of status, accepted, context, decision, options, consequences)
WORDS = {
    "German": ("Status", "Angenommen", "Kontext", "Entscheidung", "Betrachtete Optionen", "Folgen"),
    "French": ("Statut", "Acceptée", "Contexte", "Décision", "Options envisagées", "Conséquences"),
    "Spanish": (
        "Estado", "Aceptado", "Contexto", "Decisión", "Opciones consideradas", "Consecuencias",
    ),
    "Portuguese": (
        "Situação", "Aceito", "Contexto", "Decisão", "Opções consideradas", "Consequências",
    ),
    "Italian": (
        "Stato", "Accettata", "Contesto", "Decisione", "Opzioni considerate", "Conseguenze",
    ),
    "Chinese": ("状态", "已接受", "背景", "决策", "备选方案", "后果"),
    "Japanese": ("ステータス", "承認済み", "コンテキスト", "決定", "検討した選択肢", "影響"),
    "Russian": (
        "Статус", "Принято", "Контекст", "Решение", "Рассмотренные варианты", "Последствия",
    ),
}  # fmt: skip
SUPERSEDED = {
    "German": "Ersetzt durch [0013](0013-x.md)",
    "French": "Remplacée par [0013](0013-x.md)",
    "Spanish": "Reemplazado por [0013](0013-x.md)",
    "Portuguese": "Substituído por [0013](0013-x.md)",
    "Italian": "Sostituito da [0013](0013-x.md)",
    "Chinese": "已被 [0013](0013-x.md) 取代",
    "Japanese": "[0013](0013-x.md) に置き換え",
    "Russian": "Заменено на [0013](0013-x.md)",
}
REJECTED = {
    "German": "Abgelehnt", "French": "Rejetée", "Spanish": "Rechazada", "Portuguese": "Rejeitado",
    "Italian": "Respinto", "Chinese": "已拒绝", "Japanese": "不採用", "Russian": "Отклонено",
}  # fmt: skip
PROPOSED = {
    "German": "Vorgeschlagen", "French": "Proposé", "Spanish": "Borrador", "Portuguese": "Rascunho",
    "Italian": "Bozza", "Chinese": "草案", "Japanese": "検討中", "Russian": "На рассмотрении",
}  # fmt: skip


def record(language: str, status: str) -> str:
    heading, _, context, decision, options, consequences = WORDS[language]
    return (
        f"# 12. Postgres\n\n## {heading}\n\n{status}\n\n## {context}\n\nwhy-text\n\n"
        f"## {options}\n\noption-text\n\n## {decision}\n\nwhat-text\n\n"
        f"## {consequences}\n\nthen-text\n"
    )


@pytest.mark.parametrize("language", WORDS)
def test_headings_are_understood(language: str) -> None:
    """The decision, its reasons and the rejected options must not change places."""
    draft = read_one(record(language, WORDS[language][1]))
    assert draft.description == "what-text"
    assert draft.rationale == "why-text\n\nthen-text"
    assert "option-text" not in draft.search_text
    assert draft.signoff == "ratified"


@pytest.mark.parametrize("language", WORDS)
def test_status_words_are_understood(language: str) -> None:
    """Each language says no, not yet and no longer in its own words."""
    superseded = read_one(record(language, SUPERSEDED[language]))
    assert superseded.signoff == "superseded"
    assert [reference.text for reference in superseded.superseded_by] == ["[0013](0013-x.md)"]
    assert read_one(record(language, REJECTED[language])).signoff == "rejected"
    assert read_one(record(language, PROPOSED[language])).signoff == "proposed"


@pytest.mark.parametrize(
    "line",
    [
        "Ersetzt [0003](0003-x.md)",
        "Remplace [0003](0003-x.md)",
        "Reemplaza a [0003](0003-x.md)",
        "Substitui [0003](0003-x.md)",
        "Sostituisce [0003](0003-x.md)",
        "取代 [0003](0003-x.md)",
        "[0003](0003-x.md) を置き換え",
        "Заменяет [0003](0003-x.md)",
    ],
)
def test_superseding_another_leaves_a_record_standing(line: str) -> None:
    """`Ersetzt ADR-3` and `Ersetzt durch ADR-3` differ by one word and in everything."""
    draft = read_one(f"# X\n\n## Status\n\nAccepted\n\n{line}\n\n## Decision\n\nWe do.\n")
    assert [reference.text for reference in draft.supersedes] == ["[0003](0003-x.md)"]
    assert draft.superseded_by == ()
    assert draft.signoff == "ratified"
