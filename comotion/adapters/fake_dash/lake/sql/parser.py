"""Trino's queries and statements, on top of its expressions."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.expressions import ExpressionParser
from comotion.adapters.fake_dash.lake.sql.lexer import RESERVED, Position, syntax_error

_AFTER_RELATION = ("TABLESAMPLE", "MATCH_RECOGNIZE")
_NO_ALIAS = frozenset({"OFFSET", "LIMIT", "FETCH", "WINDOW", "TABLESAMPLE", "MATCH_RECOGNIZE"})


class QueryParser(ExpressionParser):
    """Reads queries."""

    def query(self) -> tree.Query:
        at = self.here.at
        recursive = False
        ctes: tuple[tree.With, ...] = ()
        if self.take("WITH"):
            recursive = self.take("RECURSIVE")
            ctes = self.list_of(self._cte)
        body = self._union()
        order = self.order_by()
        offset = limit = None
        ties = False
        if self.take("OFFSET"):
            offset = self._row_count()
            if not self.take("ROWS"):
                self.take("ROW")
        if self.take("LIMIT"):
            limit = None if self.take("ALL") else self._row_count()
        elif self.take("FETCH"):
            if not (self.take("FIRST") or self.take("NEXT")):
                raise self.mismatch("'FIRST'", "'NEXT'")
            single = self.sees_any("ROW", "ROWS")
            limit = tree.Integer(1, at=self.here.at) if single else self._row_count()
            if isinstance(limit, tree.Integer) and limit.value == 0:
                raise SqlRefused(
                    f"line {limit.at[0]}:{limit.at[1]}: FETCH FIRST row count must be positive (actual value: 0)",
                    kind="NUMERIC_VALUE_OUT_OF_RANGE",
                )
            if not (self.take("ROWS") or self.take("ROW")):
                raise self.mismatch("'ROW'", "'ROWS'")
            ties = not self.take("ONLY")
            if ties:
                self.expect("WITH", "TIES")
                if not order:
                    raise syntax_error(at, "FETCH FIRST WITH TIES clause requires ORDER BY")
        return tree.Query(recursive, ctes, body, order, offset, limit, ties, at=at)

    def _cte(self) -> tree.With:
        at = self.here.at
        name = self.name()
        columns = self._columns()
        self.expect("AS", "(")
        query = self.query()
        self.expect(")")
        return tree.With(name, columns, query, at=at)

    def _columns(self) -> tuple[tree.Name, ...]:
        if not self.take("("):
            return ()
        columns = self.list_of(self.name)
        self.expect(")")
        return columns

    def _row_count(self) -> tree.Expression:
        if self.here.kind == "integer" or self.here.word == "?":
            return self.primary()
        raise self.mismatch("'?'", "<integer>")

    def _union(self) -> tree.Body:
        left = self._intersect()
        while self.sees_any("UNION", "EXCEPT"):
            operator, at = self.here.word, self.here.at
            self.index += 1
            left = tree.SetOperation(operator, self._distinct(), left, self._intersect(), at=at)
        return left

    def _intersect(self) -> tree.Body:
        left = self._query_primary()
        while self.sees_any("INTERSECT"):
            at = self.here.at
            self.index += 1
            left = tree.SetOperation("INTERSECT", self._distinct(), left, self._query_primary(), at=at)
        return left

    def _distinct(self) -> bool:
        if self.take("ALL"):
            return False
        self.take("DISTINCT")
        return True

    def _query_primary(self) -> tree.Body:
        at = self.here.at
        if self.take("("):
            query = self.query()
            self.expect(")")
            return query
        if self.take("VALUES"):
            return tree.Values(self.list_of(self.expression), at=at)
        if self.take("TABLE"):
            return tree.TableBody(tree.Table(self.qualified_name(), at=at), at=at)
        if self.sees("SELECT"):
            return self._select()
        raise self.mismatch("'('", "'SELECT'", "'TABLE'", "'VALUES'")

    def _select(self) -> tree.Select:
        at = self.expect("SELECT").at
        distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        items = self.list_of(self._item)
        source = self._from() if self.take("FROM") else None
        where = self.expression() if self.take("WHERE") else None
        group, group_distinct = None, False
        if self.take("GROUP", "BY"):
            group_distinct = self.take("DISTINCT")
            if not group_distinct and self.sees("ALL"):
                self.index += 1
            group = self.list_of(self._group_element)
        having = self.expression() if self.take("HAVING") else None
        windows: tuple[tuple[tree.Name, tree.Window], ...] = ()
        if self.take("WINDOW"):
            windows = self.list_of(self._named_window)
        return tree.Select(distinct, items, source, where, group, group_distinct, having, windows, at=at)

    def _named_window(self) -> tuple[tree.Name, tree.Window]:
        name = self.name()
        self.expect("AS", "(")
        window = self.window_specification()
        self.expect(")")
        return name, window

    def _item(self) -> tree.Item | tree.AllColumns:
        at = self.here.at
        if self.take("*"):
            return tree.AllColumns(None, (), at=at)
        if self._sees_all_of():
            target = self._dotted()
            self.expect(".", "*")
            return tree.AllColumns(target, self._star_aliases(), at=at)
        value = self.expression()
        if self.sees(".", "*"):
            self.index += 2
            return tree.AllColumns(value, self._star_aliases(), at=at)
        return tree.Item(value, self._alias(), at=at)

    def _star_aliases(self) -> tuple[tree.Name, ...]:
        if not self.sees("AS", "("):
            return ()
        self.index += 1
        return self._columns()

    def _sees_all_of(self) -> bool:
        offset = 0
        while self.ahead(offset).kind in ("name", "quoted") and self.ahead(offset + 1).word == ".":
            if self.ahead(offset + 2).word == "*":
                return True
            offset += 2
        return False

    def _dotted(self) -> tree.Expression:
        found: tree.Expression = self.name()
        while self.here.word == "." and self.ahead().word != "*":
            self.index += 1
            found = tree.Dereference(found, self.name(), at=found.at)
        return found

    def _alias(self) -> tree.Name | None:
        if self.take("AS"):
            return self.name()
        if self.here.kind == "quoted" or (self.here.kind == "name" and self.here.word not in RESERVED | _NO_ALIAS):
            return self.name()
        return None

    def _group_element(self) -> tree.GroupElement:
        at = self.here.at
        if self.sees("ROLLUP") or self.sees("CUBE"):
            kind = self.here.word.lower()
            self.index += 1
            self.expect("(")
            sets = () if self.here.word == ")" else self.list_of(self._group_set)
            self.expect(")")
            return tree.GroupElement(kind, sets, at=at)
        if self.take("GROUPING", "SETS"):
            self.expect("(")
            sets = self.list_of(self._group_set)
            self.expect(")")
            return tree.GroupElement("sets", sets, at=at)
        return tree.GroupElement("simple", (self._group_set(),), at=at)

    def _group_set(self) -> tuple[tree.Expression, ...]:
        if self.sees("(", ")"):
            self.index += 2
            return ()
        value = self.expression()
        return value.items if isinstance(value, tree.Row) and not any(value.names) else (value,)

    # ---- relations

    def _from(self) -> tree.Relation:
        at = self.here.at
        relation = self._relation()
        while self.take(","):
            relation = tree.Join("cross", relation, self._relation(), at=at)
        return relation

    def _relation(self) -> tree.Relation:
        left = self._sampled()
        while True:
            at = self.here.at
            if self.take("CROSS", "JOIN"):
                left = tree.Join("cross", left, self._sampled(), at=at)
                continue
            natural = self.take("NATURAL")
            kind = self._join_kind()
            if kind is None:
                if natural:
                    raise self.mismatch("'FULL'", "'INNER'", "'JOIN'", "'LEFT'", "'RIGHT'")
                return left
            if natural:
                left = tree.Join(kind, left, self._sampled(), natural=True, at=at)
                continue
            right = self._relation()
            if self.take("ON"):
                left = tree.Join(kind, left, right, self.expression(), at=at)
            elif self.take("USING"):
                if self.here.word != "(":
                    raise self.mismatch("'('")
                left = tree.Join(kind, left, right, using=self._columns(), at=at)
            else:
                raise self.mismatch("'ON'", "'USING'")

    def _join_kind(self) -> str | None:
        if self.take("JOIN") or self.take("INNER", "JOIN"):
            return "inner"
        for kind in ("LEFT", "RIGHT", "FULL"):
            if self.take(kind):
                self.take("OUTER")
                self.expect("JOIN")
                return kind.lower()
        return None

    def _sampled(self) -> tree.Relation:
        at = self.here.at
        relation = self._aliased()
        if self.take("TABLESAMPLE"):
            if not self.sees_any("BERNOULLI", "SYSTEM"):
                raise self.mismatch("'BERNOULLI'", "'SYSTEM'")
            method = self.here.word.lower()
            self.index += 1
            self.expect("(")
            percentage = self.expression()
            self.expect(")")
            return tree.Sampled(relation, method, percentage, at=at)
        return relation

    def _aliased(self) -> tree.Relation:
        at = self.here.at
        relation = self._relation_primary()
        if self.sees("MATCH_RECOGNIZE", "("):
            raise SqlNotSupported("MATCH_RECOGNIZE")
        alias = self._alias()
        if alias is None:
            return relation
        return tree.Aliased(relation, alias, self._columns(), at=at)

    def _relation_primary(self) -> tree.Relation:
        at = self.here.at
        if self.sees("LATERAL", "("):
            self.index += 2
            return self._derived(at, lateral=True)
        if self.sees("UNNEST"):
            return self._unnest(at)
        if self.sees("TABLE", "("):
            self.index += 2
            return self._table_function(at)
        if self.sees("JSON_TABLE"):
            raise SqlNotSupported("JSON_TABLE")
        if self.take("("):
            if self.starts_query() and not self._holds_join():
                return self._derived(at, lateral=False)
            relation = self._relation_in_parentheses()
            self.expect(")")
            return relation
        name = self.qualified_name()
        if self.here.word == "(":
            full = ".".join(part.value for part in name)
            raise syntax_error(
                self.here.at,
                f"mismatched input '('. Expecting: <EOF> (a table function is called as TABLE({full}(...)))",
            )
        return tree.Table(name, self._version(), at=at)

    def _relation_in_parentheses(self) -> tree.Relation:
        return self._relation()

    def _holds_join(self) -> bool:
        """Whether the parenthesis opened just now holds a joined relation, not a query."""
        saved = self.index
        if self.here.word != "(":
            return False
        try:
            self.query()
            return self.here.word != ")"
        except Exception as error:  # noqa: BLE001 - a look ahead: whatever went wrong is said by the real reading
            return not isinstance(error, SqlNotSupported)
        finally:
            self.index = saved

    def _derived(self, at: Position, *, lateral: bool) -> tree.Relation:
        query = self.query()
        self.expect(")")
        return tree.Derived(query, lateral, at=at)

    def _unnest(self, at: Position) -> tree.Relation:
        self.expect("UNNEST", "(")
        items = self.list_of(self.expression)
        self.expect(")")
        ordinality = self.take("WITH", "ORDINALITY")
        return tree.Unnest(items, ordinality, at=at)

    def _table_function(self, at: Position) -> tree.Relation:
        name = ".".join(part.value for part in self.qualified_name()).lower()
        self.expect("(")
        arguments = () if self.here.word == ")" else self.list_of(self._named_argument)
        self.expect(")")
        self.expect(")")
        return tree.TableFunction(name, arguments, at=at)

    def _named_argument(self) -> tuple[str | None, tree.Expression]:
        name = None
        if self.ahead().word == "=>":
            name = self.name().value.lower()
            self.index += 1
        if self.sees("TABLE", "(") or self.sees("DESCRIPTOR", "("):
            raise SqlNotSupported("table arguments of a table function")
        return name, self.expression()

    def _version(self) -> tuple[str, tree.Expression] | None:
        if not self.take("FOR"):
            return None
        self._one_of("TIMESTAMP", "VERSION", "SYSTEM_TIME", "SYSTEM_VERSION")
        kind = self.tokens[self.index - 1].word.replace("SYSTEM_TIME", "TIMESTAMP").replace("SYSTEM_", "")
        self.expect("AS", "OF")
        return kind, self.value()

    def _one_of(self, *words: str) -> None:
        if not self.sees_any(*words):
            raise self.mismatch(*(f"'{word}'" for word in words))
        self.index += 1
