//! What the aggregate functions of a node keep: the row of their accumulators, and the views in them, which are states.
//!
//! Mirrors the planner's `AggregateUtil` and `AggFunctionFactory`. Every function, over every type that is listed here, was
//! seen in savepoints of Flink 1.18, 1.20 and 2.3 (`fixtures/plans/*-sql-aggregates`). One that is not listed, and any of
//! the user's own, makes the whole row unknown.

use super::node::Node;
use super::row_type;
use crate::flink::FlinkLine;
use crate::state::StateKind;
use crate::types::{LogicalKind, LogicalType};
use serde_json::Value;
use std::fmt;

/// The accumulators of the functions of a node.
pub(super) struct Accumulators {
    /// The row of them, in the notation.
    pub(super) row: String,
    /// The views in them.
    pub(super) views: Vec<View>,
}

/// A view in an accumulator, which is a state in the namespace of the accumulators. It lives as long as they do.
pub(super) struct View {
    pub(super) name: String,
    pub(super) kind: StateKind,
    /// The type of its values, in the notation.
    pub(super) value: String,
}

/// The functions of a node, and what they are over.
struct Functions<'n> {
    calls: &'n [Value],
    /// Which of them take back; where the node does not say it of each, all or none.
    take_back: Vec<bool>,
    /// Whether rows are counted besides.
    counts_rows: bool,
    /// Where they are counted already, in a plan of two phases.
    counted_at: Option<usize>,
    /// The types of the columns that come in.
    columns: Vec<LogicalType>,
    flink: FlinkLine,
}

const MAP_VIEW: &str = "RAW('org.apache.flink.table.api.dataview.MapView')";
const LIST_VIEW: &str = "RAW('org.apache.flink.table.api.dataview.ListView')";
/// Where the classes of accumulators are.
const FUNCTIONS: &str = "org.apache.flink.table.runtime.functions.aggregate";
/// As many filters as a view of distinct values has bits for, where nothing is taken back.
const MOST_FILTERS: usize = 64;

/// The accumulators of a node; `None` where they are not known.
pub(super) fn of(node: &Node, input: &LogicalType, flink: FlinkLine) -> Option<Accumulators> {
    let functions = Functions::of(node, input, flink)?;
    let mut fields = Vec::new();
    let mut views = Vec::new();
    let mut distinct: Vec<(Vec<usize>, usize)> = Vec::new();
    for (place, call) in functions.calls.iter().enumerate() {
        let arguments = arguments(call)?;
        if is_set(call, "distinct") && !arguments.is_empty() {
            match distinct.iter_mut().find(|(columns, _)| *columns == arguments) {
                Some((_, filters)) => *filters = filters.saturating_add(1),
                None => distinct.push((arguments.clone(), 1)),
            }
        }
        let takes_back = functions.take_back.get(place).copied()?;
        functions.keep(place, call, &arguments, takes_back, &mut fields, &mut views)?;
    }
    if functions.counts_rows
        && functions.counted_at.is_none()
        && !functions.calls.iter().any(is_count_of_rows)
    {
        fields.push("BIGINT".to_owned());
    }
    for (place, (columns, filters)) in distinct.iter().enumerate() {
        let [column] = columns.as_slice() else { return None };
        fields.push(format!("{MAP_VIEW} WITH RawValueData<Null>"));
        let most = if functions.counts_rows { 1 } else { MOST_FILTERS };
        let counts = match filters {
            filters if *filters <= most => External::new(&type_of("BIGINT NOT NULL")?)?.to_string(),
            _ if functions.counts_rows => {
                "External(ARRAY<BIGINT NOT NULL>, \"[J\")<ArrayData<BIGINT NOT NULL>>".to_owned()
            }
            _ => return None,
        };
        let key = External::new(functions.columns.get(*column)?)?;
        views.push(View {
            name: format!("distinctAcc_{place}"),
            kind: StateKind::Map,
            value: format!("Map<{key}, Ttl?<{counts}>>"),
        });
        views.push(View {
            name: format!("distinctAcc_{place}_null_state"),
            kind: StateKind::Value,
            value: format!("Ttl?<{counts}>"),
        });
    }
    Some(Accumulators { row: format!("RowData<{}>", fields.join(", ")), views })
}

impl<'n> Functions<'n> {
    fn of(node: &'n Node, input: &LogicalType, flink: FlinkLine) -> Option<Self> {
        let all = |node: &Node, takes_back: bool, pointer: &str| {
            let count = node.at(pointer).and_then(Value::as_array).map_or(0, Vec::len);
            vec![takes_back; count]
        };
        let is_changed = node.at("/needRetraction").and_then(Value::as_bool).unwrap_or(false);
        let row = match node.at("/localAggInputRowType") {
            Some(local) => row_type::logical_type(local)?,
            None => input.clone(),
        };
        let LogicalKind::Row(fields) = row.kind else { return None };
        let mut columns: Vec<_> = fields.into_iter().map(|field| field.logical_type).collect();
        let (calls, take_back, counts_rows) = match node.kind() {
            "stream-exec-group-aggregate" | "stream-exec-global-group-aggregate" => {
                let each = node.at("/aggCallNeedRetractions")?.as_array()?.iter().map(Value::as_bool);
                ("/aggCalls", each.collect::<Option<_>>()?, is_changed)
            }
            // Of the slices of a window that hops, those without rows are not sent on.
            "stream-exec-window-aggregate" | "stream-exec-global-window-aggregate" => {
                let hops = node.text_at("/windowing/window/type") == Some("HoppingWindow");
                ("/aggCalls", all(node, is_changed, "/aggCalls"), hops || is_changed)
            }
            "stream-exec-group-window-aggregate" => {
                ("/aggCalls", all(node, is_changed, "/aggCalls"), is_changed)
            }
            "stream-exec-over-aggregate" => {
                for constant in node.at("/overSpec/constants").and_then(Value::as_array).into_iter().flatten()
                {
                    columns.push(row_type::logical_type(constant.get("type")?)?);
                }
                let calls = "/overSpec/groups/0/aggCalls";
                // What leaves the window is taken back.
                let is_bounded = node.text_at("/overSpec/groups/0/lowerBound/kind") == Some("BOUNDED_WINDOW");
                (calls, all(node, is_bounded, calls), is_bounded)
            }
            _ => return None,
        };
        let counted_at = node.at("/indexOfCountStar").and_then(Value::as_u64);
        Some(Self {
            calls: node.at(calls)?.as_array()?,
            take_back,
            counts_rows,
            counted_at: counted_at.and_then(|place| usize::try_from(place).ok()),
            columns,
            flink,
        })
    }

    /// What one function keeps.
    fn keep(
        &self,
        place: usize,
        call: &Value,
        arguments: &[usize],
        takes_back: bool,
        fields: &mut Vec<String>,
        views: &mut Vec<View>,
    ) -> Option<()> {
        let name = call.get("internalName")?.as_str()?.strip_prefix('$')?.rsplit_once('$')?.0;
        if is_set(call, "approximate") {
            return None;
        }
        let argument = arguments.first().and_then(|column| self.columns.get(*column));
        let mut map = |field: &str, key: &External, value: String| {
            views.push(View {
                name: format!("agg{place}${field}"),
                kind: StateKind::Map,
                value: format!("Map<{key}, Ttl?<{value}>>"),
            });
        };
        let long = External::new(&type_of("BIGINT")?)?;
        match (name, takes_back) {
            ("COUNT", _) => fields.push("BIGINT".to_owned()),
            ("SUM", false) | ("$SUM0", _) => fields.push(sum(argument?)?),
            ("SUM", true) => fields.extend([sum(argument?)?, "BIGINT".to_owned()]),
            ("AVG", _) => fields.extend([sum_of_average(argument?)?, "BIGINT".to_owned()]),
            ("MIN" | "MAX", false) => fields.push(extreme(argument?)?),
            ("MIN" | "MAX", true) => {
                let (argument, field) = (comparable(argument?)?, name.to_lowercase());
                let class = if name == "MIN" { "MinWithRetract" } else { "MaxWithRetract" };
                let attributes = [
                    (field.as_str(), nullable(argument)),
                    ("mapSize", "BIGINT".to_owned()),
                    ("map", MAP_VIEW.to_owned()),
                ];
                fields.push(self.structured(class, &attributes));
                map("map", &External::not_null(argument)?, long.to_string());
            }
            ("FIRST_VALUE" | "LAST_VALUE", false) if arguments.len() == 1 => {
                let side = if name == "FIRST_VALUE" { "first" } else { "last" };
                let value = nullable(comparable(argument?)?);
                fields.push(format!("ROW<`{side}Value` {value}, `{side}Order` BIGINT>"));
            }
            ("FIRST_VALUE" | "LAST_VALUE", true) if arguments.len() == 1 => {
                let argument = comparable(argument?)?;
                let is_first = name == "FIRST_VALUE";
                let (side, class) = if is_first {
                    ("first", "FirstValueWithRetract")
                } else {
                    ("last", "LastValueWithRetract")
                };
                let attributes = [
                    (format!("{side}Value"), nullable(argument)),
                    (format!("{side}Order"), "BIGINT".to_owned()),
                    ("valueToOrderMap".to_owned(), MAP_VIEW.to_owned()),
                    ("orderToValueMap".to_owned(), MAP_VIEW.to_owned()),
                ];
                let attributes = attributes.each_ref().map(|(name, text)| (name.as_str(), text.clone()));
                fields.push(self.structured(class, &attributes));
                let key = External::not_null(argument)?;
                map("valueToOrderMap", &key, list_of("BIGINT"));
                map("orderToValueMap", &long, list_of(&key.logical));
            }
            ("LISTAGG", false) => fields.extend(["STRING".to_owned(), "STRING".to_owned()]),
            ("LISTAGG", true) => {
                let lists = [("list", LIST_VIEW.to_owned()), ("retractList", LIST_VIEW.to_owned())];
                let delimiter = ("delimiter", "STRING".to_owned());
                fields.push(if arguments.len() == 1 {
                    self.structured("ListAggWithRetract", &lists)
                } else {
                    let [list, retracted] = lists;
                    self.structured("ListAggWsWithRetract", &[list, retracted, delimiter])
                });
                let text = External::new(&type_of("STRING NOT NULL")?)?;
                for list in ["list", "retractList"] {
                    views.push(View {
                        name: format!("agg{place}${list}"),
                        kind: StateKind::List,
                        value: format!("List<Ttl?<{text}>>"),
                    });
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// An accumulator that is a class, of which views are states of their own.
    fn structured(&self, class: &str, attributes: &[(&str, String)]) -> String {
        let comparison = if self.flink.major >= 2 { "EQUALS" } else { "NONE" };
        let logical: Vec<_> = attributes.iter().map(|(name, text)| format!("`{name}` {text}")).collect();
        let serialized: Vec<_> = attributes
            .iter()
            .map(|(_, text)| {
                let is_view = text == MAP_VIEW || text == LIST_VIEW;
                format!("{text}{}", if is_view { " WITH RawValueData<Null>" } else { "" })
            })
            .collect();
        format!(
            "STRUCTURED<'{FUNCTIONS}.{class}AggFunction${class}Accumulator' {comparison}, {}> WITH RowData<{}>",
            logical.join(", "),
            serialized.join(", ")
        )
    }
}

/// A type by its text.
fn type_of(text: &str) -> Option<LogicalType> {
    row_type::logical_type(&Value::String(text.to_owned()))
}

fn is_set(call: &Value, key: &str) -> bool {
    call.get(key).and_then(Value::as_bool) == Some(true)
}

fn arguments(call: &Value) -> Option<Vec<usize>> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    call.get("argList")?.as_array()?.iter().map(number).collect()
}

/// `COUNT(*)`, which counts the rows where that is wanted.
fn is_count_of_rows(call: &Value) -> bool {
    call.get("internalName").and_then(Value::as_str) == Some("$COUNT$1")
        && call.get("filterArg").and_then(Value::as_i64).is_some_and(|column| column < 0)
        && arguments(call).is_some_and(|it| it.is_empty())
        && !is_set(call, "approximate")
        && !is_set(call, "distinct")
}

/// The class of a type, and its numbers.
fn atomic(of: &LogicalType) -> Option<(&'static str, &[i32])> {
    match &of.kind {
        LogicalKind::Atomic(row, numbers) => Some((row.class, numbers)),
        _ => None,
    }
}

fn nullable(of: &LogicalType) -> String {
    LogicalType { kind: of.kind.clone(), nullable: true }.to_string()
}

fn sum(of: &LogicalType) -> Option<String> {
    match atomic(of)? {
        ("TinyIntType" | "SmallIntType" | "IntType" | "BigIntType" | "FloatType" | "DoubleType", _) => {
            Some(nullable(of))
        }
        ("DecimalType", [_, scale]) => Some(format!("DECIMAL(38, {scale})")),
        _ => None,
    }
}

fn sum_of_average(of: &LogicalType) -> Option<String> {
    match atomic(of)?.0 {
        "TinyIntType" | "SmallIntType" | "IntType" | "BigIntType" => Some("BIGINT".to_owned()),
        "FloatType" | "DoubleType" => Some("DOUBLE".to_owned()),
        _ => sum(of),
    }
}

/// The types of which Flink keeps the least, the greatest, the first, the last.
fn comparable(of: &LogicalType) -> Option<&LogicalType> {
    class_of(of).map(|_| of)
}

/// Of texts, the length counts no more.
fn extreme(of: &LogicalType) -> Option<String> {
    match atomic(comparable(of)?)?.0 {
        "VarCharType" => Some("STRING".to_owned()),
        _ => Some(nullable(of)),
    }
}

/// The class that Flink's runtime has for values of a type.
fn class_of(of: &LogicalType) -> Option<&'static str> {
    Some(match atomic(of)?.0 {
        "BooleanType" => "java.lang.Boolean",
        "TinyIntType" => "java.lang.Byte",
        "SmallIntType" => "java.lang.Short",
        "IntType" | "DateType" | "TimeType" => "java.lang.Integer",
        "BigIntType" => "java.lang.Long",
        "FloatType" => "java.lang.Float",
        "DoubleType" => "java.lang.Double",
        "DecimalType" => "org.apache.flink.table.data.DecimalData",
        "VarCharType" => "org.apache.flink.table.data.StringData",
        "TimestampType" | "LocalZonedTimestampType" => "org.apache.flink.table.data.TimestampData",
        _ => return None,
    })
}

/// A type of SQL that a serializer of the table runtime writes (`ExternalSerializer`).
struct External {
    logical: String,
    class: &'static str,
    serializer: String,
}

impl External {
    fn new(of: &LogicalType) -> Option<Self> {
        Some(Self { logical: of.to_string(), class: class_of(of)?, serializer: of.serializer()?.to_string() })
    }

    fn not_null(of: &LogicalType) -> Option<Self> {
        Self::new(&LogicalType { kind: of.kind.clone(), nullable: false })
    }
}

impl fmt::Display for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "External({}, {})<{}>", self.logical, self.class, self.serializer)
    }
}

/// A list in a view.
fn list_of(logical: &str) -> String {
    format!("External(ARRAY<{logical}>, java.util.List)<ArrayData<{logical}>>")
}
