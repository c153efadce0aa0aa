"""The words of decision records: what a heading or field is for, and what a status means.

One table, a column of languages: English, German, French, Spanish, Portuguese, Italian,
Chinese, Japanese and Russian. Words are compared without accents and case.
"""

# ruff: noqa: RUF001 - the words are written in their own script

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from bicameral.intake.draft import SignOff
from bicameral.intake.markup import normal, plain

Role = Literal[
    "",
    "status",
    "date",
    "participants",
    "authors",
    "tags",
    "feature",
    "level",
    "supersedes",
    "superseded_by",
    "metadata",
    "context",
    "decision",
    "proposal",
    "summary",
    "consequences",
    "options",
    "links",
    "changelog",
    "meeting",
]

# Roles whose section or field describes the record, and is not part of its text.
ABOUT_THE_RECORD: frozenset[Role] = frozenset({
    "status", "date", "participants", "authors", "tags", "feature", "level", "supersedes",
    "superseded_by", "metadata", "changelog",
})  # fmt: skip

_NAMES: Mapping[Role, str] = {
    "status": """status; decision status; adr status; approval status; current status; state; stand;
        zustand; statut; etat; estado; stato; situacao; 状态; 狀態; 状況; 状態; ステータス; статус;
        состояние""",
    "date": """date; decision date; date decided; decided on; accepted on; date of decision;
        accepted date; datum; entscheidungsdatum; date de decision; fecha; fecha de decision; data;
        data da decisao; data della decisione; 日期; 决策日期; 日付; 決定日; дата;
        дата решения""",
    "participants": """deciders; decider; decision makers; decision maker; decision-makers;
        decision-maker; decision_makers; decided by; participants; participant; attendees; attendee;
        present; approvers; approver; approved by; stakeholders; people involved; entscheider;
        entscheidungstrager; beteiligte; teilnehmer; teilnehmende; anwesende; decideurs;
        decisionnaires; participants et decideurs; decisores; participantes; asistentes; decisori;
        partecipanti; 决策者; 参与者; 與會者; 参会人员; 参加者; 決定者; 意思決定者; участники;
        принимающие решение; лица принимающие решение""",
    "authors": """author; authors; owner; owners; author(s); proposer; proposed by; driver; autor;
        autoren; verfasser; auteur; auteurs; autores; autore; autori; 作者; 著者; 作成者; автор;
        авторы""",
    "tags": """tags; tag; labels; label; keywords; categories; schlagworter; etiquettes; etiquetas;
        etichette; 标签; 標籤; タグ; теги; метки""",
    "feature": """feature group; feature_group; feature-group; feature; area; component; category;
        domain; module; bereich; komponente; composant; domaine; componente; categoria; dominio;
        模块; コンポーネント; компонент""",
    "level": """level; decision level; ebene; niveau; nivel; livello; 级别; レベル; уровень""",
    "supersedes": """supersedes; supercedes; replaces; obsoletes; superseding; ersetzt; lost ab;
        remplace; reemplaza; reemplaza a; sustituye; sustituye a; substitui; sostituisce; 取代;
        替代; 置き換える; 置換対象; заменяет""",
    "superseded_by": """superseded by; superceded by; superseeded by; superseded-by; superseded_by;
        replaced by; replaced-by; obsoleted by; deprecated by; ersetzt durch; abgelost durch;
        remplace par; remplacee par; reemplazado por; reemplazada por; sustituido por;
        sustituida por; substituido por; substituida por; sostituito da; sostituita da; 被取代;
        被替代; 后继; 置き換え先; 後継; заменено; заменено на; заменен на""",
    "metadata": """metadata; meta; info; information; document control; record; metadaten;
        metadonnees; metadatos; metadados; metadati; 元数据; メタデータ; метаданные; approval;
        approvals; sign-off""",
    "context": """context; context and problem statement; context & problem statement; background;
        motivation; problem; problem statement; the problem; issue; introduction; intro; why;
        rationale; reasoning; justification; drivers; decision drivers; forces; assumptions;
        constraints; requirements; goals; current situation; business/technical drivers; argument;
        why now; problem description; context and motivation; context and background;
        background and context; background and motivation; decision rationale; kontext; hintergrund;
        problemstellung; ausgangslage; begrundung; entscheidungstreiber;
        kontext und problemstellung; motivation und kontext; contexte; probleme; problematique;
        contexte et problematique; justification de la decision; contexto; problema; justificacion;
        contexto y problema; contexto y planteamiento del problema; antecedentes;
        contexto e problema; justificativa; motivacao; contexto e declaracao do problema; contesto;
        contesto e problema; motivazione; motivazioni; 背景; 上下文; 语境; 背景和问题; 背景与问题;
        问题; 问题陈述; 動機; 动机; 理由; コンテキスト; コンテキストと課題; 課題; 文脈; 問題;
        контекст; предыстория; проблема; мотивация; обоснование; контекст и проблема;
        контекст и постановка проблемы""",
    "decision": """decision; decisions; the decision; our decision; final decision; decided;
        decision outcome; decision outcomes; decision made; decisions made; decision taken;
        decisions taken; decision statement; decision details; decision and rationale;
        decision & rationale; proposed decision; what we decided; what was decided; outcome;
        resolution; resolutions; decision result; chosen option; selected option; chosen solution;
        architectural decision; architecture decision; key decisions; agreed; agreements;
        entscheidung; entscheidungen; beschluss; beschlusse; entscheidungsergebnis;
        getroffene entscheidung; ergebnis der entscheidung; decisions prises; decision prise;
        resultat de la decision; decision retenue; decisiones; decision tomada;
        resultado de la decision; acuerdos; decisao; decisoes; resultado da decisao; decisao tomada;
        decisione; decisioni; esito della decisione; risultato della decisione; 决定; 決定; 决策;
        決策; 决策结果; 决议; 決議; 決定事項; 決定内容; 決定結果; 意思決定; 結論; 结论; решение;
        решения; принятое решение; итог решения; результат решения""",
    "proposal": """proposal; proposed solution; proposed change; proposed approach; solution;
        design; detailed design; approach; specification; recommendation; recommendations;
        recommended option; implementation; how; what; losung; losungsvorschlag; vorschlag; entwurf;
        proposition; solution proposee; propuesta; solucion; diseno; proposta; solucao; soluzione;
        提案; 方案设计; 解决方案; 設計; 解決策; предложение; реализация""",
    "summary": """summary; abstract; overview; tldr; executive summary; zusammenfassung; resume;
        resumen; resumo; sommario; riepilogo; 摘要; 概要; 概述; まとめ; резюме;
        краткое описание""",
    "consequences": """consequences; consequence; positive consequences; negative consequences;
        neutral consequences; positive; negative; neutral; results; result; impact; implications;
        effects; trade-offs; tradeoffs; risks; benefits; drawbacks; risks and mitigations;
        areas of impact; confirmation; validation; compliance; backwards compatibility;
        konsequenzen; auswirkungen; folgen; positive konsequenzen; negative konsequenzen; risiken;
        positive auswirkungen; negative auswirkungen; bestatigung; consequences positives;
        consequences negatives; impacts; consecuencias; consecuencias positivas;
        consecuencias negativas; impacto; consequencias; consequencias positivas;
        consequencias negativas; conseguenze; conseguenze positive; conseguenze negative; 后果;
        後果; 影响; 影響; 结果; 結果; 積極影響; 正面影响; 负面影响; 帰結; последствия; следствия;
        результаты; положительные последствия; отрицательные последствия""",
    "options": """options; considered options; options considered; alternatives; alternative;
        alternatives considered; considered alternatives; pros and cons of the options;
        pros & cons of the options; positions; alternative designs; alternative approaches;
        non-chosen options; rejected; not chosen; rejected ideas; rejected options; optionen;
        alternativen; betrachtete optionen; erwogene optionen; erwogene alternativen;
        betrachtete alternativen; verworfene alternativen; vor- und nachteile der optionen;
        options envisagees; options considerees; alternatives envisagees; alternatives considerees;
        avantages et inconvenients des options; opciones; opciones consideradas; alternativas;
        alternativas consideradas; pros y contras de las opciones;
        ventajas y desventajas de las opciones; opcoes; opcoes consideradas;
        pros e contras das opcoes; opzioni; opzioni considerate; alternative considerate;
        pro e contro delle opzioni; 备选方案; 备选项; 候选方案; 可选方案; 考虑的选项; 考虑过的选项;
        選択肢; 检讨的选项; 検討した選択肢; 検討された選択肢; 代替案; 替代方案; 選択肢の長所と短所;
        选项的优缺点; 方案对比; варианты; рассмотренные варианты; альтернативы;
        рассмотренные альтернативы; плюсы и минусы вариантов""",
    "links": """links; references; reference; related; related adrs; related decisions; see also;
        related documents; related documents/links; related resources; more information;
        further reading; further discussions; resources; appendix; table of contents; contents;
        definitions; terminology; glossary; glossar; verweise; referenzen; weitere informationen;
        verwandte entscheidungen; liens; plus d'informations; enlaces; referencias; mas informacion;
        ligacoes; mais informacoes; collegamenti; riferimenti; maggiori informazioni; 链接; 参考;
        参考资料; 更多信息; リンク; 参照; 参考文献; 詳細情報; ссылки; связанные решения;
        дополнительная информация""",
    "changelog": """changelog; change log; history; revision history; changes; log; revisions;
        document history; anderungshistorie; historie; historique; historial; historico; cronologia;
        变更历史; 更新历史; 変更履歴; 更新履歴; история изменений; история""",
    "meeting": """agenda; action items; actions; minutes; meeting notes; next steps; apologies;
        discussion points; tagesordnung; protokoll; ordre du jour; compte rendu; orden del dia;
        pauta; ordine del giorno; 议程; 会议纪要; 議題; 議事録; повестка; протокол""",
}

_STATUS: Mapping[SignOff, str] = {
    "proposed": """proposed; proposal; draft; drafted; drafting; pending; in progress; wip;
        work in progress; under review; in review; under discussion; in discussion; open; tentative;
        provisional; deferred; on hold; postponed; experimental; rfc; request for comments; unknown;
        tbd; todo; not accepted; not yet accepted; not decided; undecided; awaiting review;
        awaiting approval; ready for review; not implemented; new; idea; last call; vorgeschlagen;
        entwurf; offen; in diskussion; in bearbeitung; in prufung; zuruckgestellt; propose;
        proposee; brouillon; en discussion; en cours; en attente; propuesto; propuesta; borrador;
        en discusion; pendiente; en progreso; proposto; proposta; rascunho; pendente; em discussao;
        em andamento; bozza; in discussione; in attesa; in corso; 提议; 提議; 已提议; 提案; 提案中;
        提出; 草案; 草稿; 讨论中; 待定; 待讨论; 审核中; 下書き; ドラフト; 検討中; 議論中; 保留;
        レビュー中; предложено; предложен; предложена; предлагается; черновик; на рассмотрении;
        обсуждается; в обсуждении; в работе; отложено""",
    "ratified": """accepted; approved; implemented; adopted; agreed; decided; ratified; done;
        complete; completed; active; final; finalized; in effect; in use; enacted; resolved;
        published; shipped; committed; angenommen; akzeptiert; beschlossen; entschieden; genehmigt;
        umgesetzt; implementiert; aktiv; gultig; verabschiedet; accepte; acceptee; adopte; adoptee;
        approuve; approuvee; valide; validee; decide; decidee; mis en oeuvre; aceptado; aceptada;
        aprobado; aprobada; adoptado; adoptada; decidido; decidida; implementado; implementada;
        aceito; aceita; aceite; aprovado; aprovada; adotado; adotada; accettato; accettata;
        approvato; approvata; adottato; adottata; deciso; decisa; implementato; 已接受; 接受; 接纳;
        已采纳; 采纳; 採納; 已采用; 采用; 已通过; 通过; 已批准; 批准; 生效; 已实施; 已决定; 承認;
        承認済み; 承認済; 採用; 採用済み; 採択; 決定; 決定済み; 確定; 受理; 受け入れ; принято;
        принят; принята; утверждено; утвержден; утверждена; одобрено; одобрен; одобрена;
        реализовано; реализован; действует; согласовано""",
    "rejected": """rejected; declined; abandoned; withdrawn; cancelled; canceled; refused; dropped;
        won't do; wontfix; closed; abgelehnt; verworfen; zuruckgezogen; rejete; rejetee; refuse;
        refusee; abandonne; abandonnee; rechazado; rechazada; descartado; descartada; rejeitado;
        rejeitada; recusado; recusada; rifiutato; rifiutata; respinto; respinta; scartato; 已拒绝;
        拒绝; 已否决; 否决; 驳回; 已驳回; 却下; 不採用; 拒否; 棄却; 取り下げ; отклонено; отклонен;
        отклонена; отвергнуто; отвергнут; отказано; отозвано""",
    "superseded": """superseded; superceded; superseeded; deprecated; obsolete; obsoleted; replaced;
        retired; outdated; sunset; no longer valid; archived; ersetzt; abgelost; uberholt; veraltet;
        hinfallig; ausser kraft; obsolet; remplace; remplacee; deprecie; depreciee; perime; caduc;
        reemplazado; reemplazada; sustituido; sustituida; obsoleto; obsoleta; deprecado; deprecada;
        substituido; substituida; depreciado; depreciada; superado; sostituito; sostituita;
        superato; superata; deprecato; deprecata; 已废弃; 废弃; 已弃用; 弃用; 已取代; 已被取代;
        被取代; 被替代; 已替代; 取代; 替代; 替换; 已过时; 过时; 作废; 废止; 已废止; 廃止; 非推奨;
        置き換え; 置換; 上書き; 失効; заменено; заменен; заменена; устарело; устарел; устарела;
        отменено; отменен; отменена""",
}


def _words(listing: str) -> list[str]:
    return [normal(word) for word in listing.split(";") if word.strip()]


_ROLE_OF: dict[str, Role] = {
    word: role for role, listing in _NAMES.items() for word in _words(listing)
}
# "tl;dr" cannot be listed: `;` parts the words.
_ROLE_OF["tl;dr"] = "summary"
SIGNOFF_OF: dict[str, SignOff] = {
    word: signoff for signoff, listing in _STATUS.items() for word in _words(listing)
}


def _alternatives(words: list[str]) -> str:
    """Longest first, so that `not accepted` and `不採用` win over what they contain."""
    spaced = sorted((w for w in words if w.isascii() or w[0] < "⺀"), key=len, reverse=True)
    joined = sorted((w for w in words if w not in spaced), key=len, reverse=True)
    bounded = "|".join(map(re.escape, spaced))
    return rf"(?<![\w-])(?:{bounded})(?![\w-])|{'|'.join(map(re.escape, joined))}"


STATUS_WORD = re.compile(_alternatives(list(SIGNOFF_OF)))

_NUMBERING = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){0,4}[.)]?|[ivx]{1,4}[.)])\s+(?=\S)")
_ASIDE = re.compile(r"\s*[(（\[][^()（）\[\]]{0,80}[)）\]]\s*$")
_OPTION = re.compile(
    r"^(?:option|opt|alternative|alt|variante?|ansatz|opcion|opcao|opzione|вариант|方案|选项"
    r"|選択肢|案)"
    r"\s*#?\s*(?:[a-z]|\d{1,2}|[ivx]{1,3}|[一二三四五])(?!\w)"
)
_REJECTED = re.compile(
    r"(?<!\w)(?:alternatives?|rejected|other options|alternativen|alternativas|альтернативы)(?!\w)"
    r"|^why not(?!\w)"
)
_NUMBERED_DECISION = re.compile(r"^decisions?\s*(?:#|no\.?\s?)?\d{1,3}(?!\d)")
_LONGEST_NAME = 80


@lru_cache(maxsize=4096)
def role_of(heading: str) -> Role:
    """Return what a heading, or the name of a field, is for; "" when it is not a known one."""
    if len(heading) > 3 * _LONGEST_NAME:
        return ""
    name = bare_name(heading)
    role = _ROLE_OF.get(name) or _ROLE_OF.get(_ASIDE.sub("", name))
    if role:
        return role
    return _role_by_form(name)


def bare_name(heading: str) -> str:
    """Return a heading for looking up: no markup, numbering, emoji or end punctuation."""
    name = normal(plain(heading)).strip(" :：.-–—*_#=?!\ufe0f")
    name = re.sub(r"^[^\w(（]+", "", name)
    return _NUMBERING.sub("", name)


def is_option(heading: str) -> bool:
    """Tell whether a heading opens one option (`Option B: …`, `Alternative 2`)."""
    return bool(_OPTION.match(bare_name(heading)))


def is_role_name(heading: str) -> bool:
    """Tell whether a heading is no more than the name of a section of a decision record."""
    return len(heading) <= _LONGEST_NAME and bare_name(heading) in _ROLE_OF


def is_bare_role_name(line: str) -> bool:
    """Tell whether a line that no mark makes a heading can be one.

    A word that is also a status (`Decided`, `Rejected`) cannot: it may be the status itself.
    """
    return is_role_name(line) and bare_name(line) not in SIGNOFF_OF


def _role_by_form(name: str) -> Role:
    head, mark, tail = name.partition(":")
    role = _ROLE_OF.get(head.strip(), "")
    if mark and tail.strip() and role in {"decision", "status", "date"}:
        return role
    if _OPTION.match(name) or (len(name) <= _LONGEST_NAME and _REJECTED.search(name)):
        return "options"
    return "decision" if _NUMBERED_DECISION.match(name) else ""
