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

    def holding(self, terms: Sequence[SearchTerm], columns: str) -> str:
        """Return the condition that these columns, the first few of their index, hold all terms.

        The index knows who holds all words and all pairs. Whether the words of other phrases stand side by side, longer
        ones or those whose last word is unfinished, each document has to tell.
        """
        plain = [term for term in terms if not term.others]
        phrases = [term for term in plain if self.is_paired(term)]
        others = [term for term in plain if term not in phrases]
        conditions = [self.pair(pair, columns) for term in phrases for pair in pairwise(term.words)]
        if others:
            all_words = self.words(others)
            # Pairs are in the index of all columns: where they count, words are asked of that one, too.
            asked = dict.fromkeys([self.index.columns, columns] if phrases else [columns])
            conditions += [f"{together(part)} @@ {all_words}" for part in asked]
        for term in plain:
            if len(term.words) > (2 if term in phrases else 1):
                conditions.append(self.phrase(term, columns))
        conditions += [self.any_form(term, columns) for term in terms if term.others]
        return " AND ".join(conditions)

    def any_form(self, term: SearchTerm, columns: str) -> str:
        """Return the condition that these columns hold the term or what will do as well; single words are one query."""
        forms = [replace(form, others=()) for form in term.forms]
        single = [form for form in forms if len(form.words) == 1]
        conditions = [self.holding([form], columns) for form in forms if len(form.words) > 1]
        if single:
            conditions.append(f"{together(columns)} @@ {self.words(single, ' || ')}")
        return f"({' OR '.join(f'({condition})' for condition in conditions)})"

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

    def phrase(self, term: SearchTerm, columns: str) -> str:
        """Return the condition that the words of a term stand side by side in one of these columns."""
        phrase = self.add(
            "phraseto_tsquery('catalog_stems', %s) || %s::tsquery",
            [term.text, beginning(term, "<->")],
        )
        return f"({' OR '.join(f'{column} @@ {phrase}' for column in columns)})"


def together(columns: str) -> str:
    """Return the SQL for the vector of these columns in one, as it is indexed."""
    return f"({' || '.join(columns)})"


def beginning(term: SearchTerm, operator: str) -> str:
    """Return the query for the beginning of words that a term may be, else one that finds nothing.

    Its words hold letters and digits only.
    """
    words = f" {operator} ".join(f"'{word}'" for word in term.words)
    return f"{words}:*" if term.is_prefix else ""
