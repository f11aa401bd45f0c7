"""What PostgreSQL is asked for words: text search queries, and conditions that hold them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .documents import NAME_END, Index
from .words import SearchTerm, stem


class Queries:
    """Collect text search queries as elements of an array, $1, with parameters, and pairs of words as those of $2."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.sql: list[str] = []
        self.params: list[str] = []
        self.pairs: list[str] = []

    def add(self, sql: str, params: list[str]) -> str:
        """Add a query and its parameters; return the SQL by which a condition refers to it."""
        self.sql.append(sql)
        self.params += params
        return f"$1[{len(self.sql)}]"

    def selecting(
        self, terms: Sequence[SearchTerm], columns: str, excluded: Sequence[SearchTerm] = ()
    ) -> str:
        """Return the SELECT of the documents in which these columns, the first few of their index, hold all terms.

        The planner does not know how many documents hold a word, and would look at each row for what other indexes
        know. So each condition that is not of one index is a SELECT of its own, whose ids are hashed.
        """
        ways = [self.any_form(term, columns) for term in terms]
        alone = [conditions[0] for conditions in ways if len(conditions) == 1]
        several = [" UNION ".join(map(self.select, each)) for each in ways if len(each) > 1]
        if several and not alone:
            first = f"SELECT id FROM ({several.pop()}) found WHERE TRUE"
        else:
            first = self.select(" AND ".join(alone or ["TRUE"]))
        among = "".join(f" AND (id IN ({each})) IS TRUE" for each in several)
        left_out = "".join(
            f" AND id NOT IN ({self.selecting([term], columns)})" for term in excluded
        )
        return first + among + left_out

    def select(self, condition: str) -> str:
        return f"SELECT id FROM {self.index.table} WHERE {condition}"

    def any_form(self, term: SearchTerm, columns: str) -> list[str]:
        """Return the conditions one of which has to hold: single words are one, and each phrase is one."""
        forms = [replace(form, others=()) for form in term.forms]
        single = [form for form in forms if len(form.words) == 1]
        conditions = [self.phrase(form, columns) for form in forms if len(form.words) > 1]
        if single:
            conditions.append(f"{together(columns)} @@ {self.words(single, ' || ')}")
        return conditions

    def phrase(self, term: SearchTerm, columns: str) -> str:
        """Return the condition that the words of a term stand side by side in one of these columns.

        The index knows who holds all pairs of words. Whether longer phrases stand side by side, and those whose last
        word is unfinished, each document has to tell.
        """
        if self.is_paired(term):
            conditions = [self.pair(pair, columns) for pair in pairwise(term.words)]
        else:
            conditions = [f"{together(columns)} @@ {self.words([term])}"]
        if len(conditions) > 1 or not self.is_paired(term):
            phrase = self.add(
                "phraseto_tsquery('catalog_stems', %s) || %s::tsquery",
                [term.text, beginning(term, "<->")],
            )
            conditions.append(f"({' OR '.join(f'{column} @@ {phrase}' for column in columns)})")
        return " AND ".join(conditions)

    def named(self, words: Sequence[str]) -> str:
        """Return the condition that a name is just these words, as they are and not by their stems."""
        names, name = self.index.columns[0], (NAME_END, *words, NAME_END)
        pairs = [self.pair(pair, names) for pair in pairwise(name)]
        phrase = self.add("phraseto_tsquery('catalog_words', %s)", [" ".join(name)])
        return " AND ".join([*pairs, f"{names} @@ {phrase}"])

    def is_paired(self, term: SearchTerm) -> bool:
        return bool(self.index.long) and len(term.words) > 1 and not term.is_prefix

    def pair(self, pair: tuple[str, str], columns: str) -> str:
        """Return the condition that two words stand side by side in one of these columns."""
        self.pairs.append(" ".join(map(stem, pair)))
        text = f"$2[{len(self.pairs)}]"
        hashes = (f"hashtextextended({text}, {weight})" for weight in range(len(columns)))
        return f"pairs && ARRAY[{', '.join(hashes)}]"

    def words(self, terms: Sequence[SearchTerm], operator: str = " && ") -> str:
        """Return the SQL that refers to the query for all words of the terms, wherever they stand."""
        words = "(plainto_tsquery('catalog_stems', %s) || %s::tsquery)"
        params = [text for term in terms for text in (term.text, beginning(term, "&"))]
        return self.add(operator.join([words] * len(terms)), params)


def together(columns: str) -> str:
    """Return the SQL for the vector of these columns in one, as it is indexed."""
    return f"({' || '.join(columns)})"


def beginning(term: SearchTerm, operator: str) -> str:
    """Return the query for the beginning of words that a term may be, else one that finds nothing.

    Its words hold letters and digits only.
    """
    words = f" {operator} ".join(f"'{word}'" for word in term.words)
    return f"{words}:*" if term.is_prefix else ""
