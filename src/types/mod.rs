//! Types of keys, namespaces and values, as a serializer snapshot and a plan both can say them.
//!
//! A [`DataType`] is a constructor and its arguments: `Map<String, Long>` is `Map` with two. The constructor holds
//! what its serializer writes about itself (the class of a POJO and its field names, the constants of an enum),
//! and the arguments are the nested serializers in the order in which Flink nests them. So the text notation
//! ([`notation`](mod@notation)), the decoder of snapshots and the rules of [compatibility](mod@compatibility)
//! walk the same tree.

mod avro;
pub mod compatibility;
mod kryo;
mod logical;
pub mod notation;
mod parameterized;
mod snapshot_lines;
mod tables;

pub use avro::AvroSummary;
pub use compatibility::{Change, Compatibility, Resolution};
pub use kryo::{KryoRegistration, KryoSettings, RegisteredSerializer};
pub use logical::{
    ATOMIC_TYPES, AtomicType, LogicalKind, LogicalType, NumberField, SQL_COLLECTIONS, SqlCollection,
    SqlField, SqlSerializer,
};
pub use parameterized::{
    Compared, PARAMETERIZED_TYPES, Parameter, ParameterKind, ParameterRow, ParameterizedType, SQL_DATA_TYPES,
    SnapshotBody, SqlDataType,
};
pub use snapshot_lines::{SnapshotLines, snapshot_lines};
pub use tables::{BASIC_TYPES, BasicType, COLLECTION_TYPES, CollectionType};

/// The type of a key, a namespace or a value.
///
/// It displays in the type notation, and parses from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataType {
    /// What kind of type.
    pub constructor: TypeConstructor,
    /// What it is made of: elements, fields, key and value.
    pub arguments: Vec<DataType>,
}

/// What kind of type, with what its serializer snapshot says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeConstructor {
    /// A type without parameters: `Long`, `String`, `TimeWindow`.
    Basic(&'static BasicType),
    /// A type that is nothing but its arguments: `List<T>`, `Map<K, V>`.
    Collection(&'static CollectionType),
    /// `TupleSerializer`: a tuple, by the name of its class.
    Tuple {
        /// `org.apache.flink.api.java.tuple.Tuple2`, or a subclass of it.
        class: String,
    },
    /// A type with plain values of its own: `DecimalData(10, 2)`, `Nullable<T>`, `Row<A, B>`.
    Parameterized {
        /// Which.
        row: &'static ParameterizedType,
        /// The values, one for each parameter of the row.
        parameters: Vec<Parameter>,
    },
    /// A type that logical types describe: `RowData<INT, STRING>`. Of a row, the arguments are the serializers of
    /// its fields.
    Sql {
        /// Which.
        row: &'static SqlDataType,
        /// The logical types.
        types: Vec<LogicalType>,
        /// Of an array and a map, the class of each part's serializer, unless it is the one that Flink makes.
        serializers: Vec<Option<String>>,
    },
    /// `EnumSerializer`.
    Enum {
        /// The enum's class.
        class: String,
        /// Its constants, in the order of their ordinals when the state was written.
        constants: Vec<String>,
    },
    /// `PojoSerializer`. The arguments are the fields, then the registered, then the other subclasses.
    Pojo {
        /// The POJO's class.
        class: String,
        /// Names of the fields, in the order in which they are written.
        fields: Vec<String>,
        /// Of each field, the class that it is inherited from, if the POJO's own does not declare it.
        inherited_from: Vec<Option<String>>,
        /// Subclasses that the job registered, in the order of their tags.
        registered: usize,
        /// Subclasses that came up at run time.
        unregistered: usize,
    },
    /// `KryoSerializer`: a class that Flink has no serializer for. The state says nothing of its fields.
    Kryo {
        /// The class.
        class: String,
        /// What the job told Kryo.
        settings: KryoSettings,
    },
    /// A snapshot that only its own class can read.
    Opaque {
        /// Class of the snapshot.
        class: String,
        /// Version of the snapshot.
        version: i32,
    },
    /// A type that could not be reached, since it stands behind an opaque snapshot.
    Unread,
}

impl TypeConstructor {
    /// The parameterized type of this name in the notation.
    pub fn parameterized(name: &str, parameters: Vec<Parameter>) -> Option<Self> {
        Some(Self::Parameterized { row: ParameterizedType::named(name)?, parameters })
    }

    /// The snapshot class of the type's serializer, where a table has it.
    pub fn snapshot(&self) -> Option<&'static str> {
        match self {
            Self::Basic(row) => Some(row.snapshot),
            Self::Collection(row) => Some(row.snapshot),
            Self::Parameterized { row, .. } => Some(row.snapshot),
            Self::Sql { row, .. } => Some(row.snapshot),
            _ => None,
        }
    }
}

impl DataType {
    /// A type without arguments.
    pub fn leaf(constructor: TypeConstructor) -> Self {
        Self { constructor, arguments: Vec::new() }
    }

    /// The fields of a POJO with their names; empty for every other type.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &DataType)> {
        let names = match &self.constructor {
            TypeConstructor::Pojo { fields, .. } => fields.as_slice(),
            _ => &[],
        };
        names.iter().map(String::as_str).zip(&self.arguments)
    }

    /// The class that each field of a POJO is inherited from, if it is, in the order of [`Self::fields`].
    pub fn inherited(&self) -> &[Option<String>] {
        match &self.constructor {
            TypeConstructor::Pojo { inherited_from, .. } => inherited_from,
            _ => &[],
        }
    }

    /// The class that a field of a POJO is inherited from, if it is.
    pub fn inherited_from(&self, field: &str) -> Option<&str> {
        self.fields().zip(self.inherited()).find(|((name, _), _)| *name == field)?.1.as_deref()
    }

    /// The registered subclasses of a POJO.
    pub fn registered_subclasses(&self) -> &[DataType] {
        self.subclasses().0
    }

    /// The subclasses of a POJO that came up at run time.
    pub fn unregistered_subclasses(&self) -> &[DataType] {
        self.subclasses().1
    }

    fn subclasses(&self) -> (&[DataType], &[DataType]) {
        let TypeConstructor::Pojo { fields, registered, .. } = &self.constructor else {
            return (&[], &[]);
        };
        let all = self.arguments.get(fields.len()..).unwrap_or_default();
        all.split_at_checked(*registered).unwrap_or((all, &[]))
    }

    /// The user's class that the type itself names: a POJO's, an enum's, one that Kryo serializes.
    pub fn class(&self) -> Option<&str> {
        match &self.constructor {
            TypeConstructor::Pojo { class, .. }
            | TypeConstructor::Enum { class, .. }
            | TypeConstructor::Kryo { class, .. } => Some(class),
            _ => None,
        }
    }

    /// Of a type that Avro serializes, its schema in short; `None` for every other, and where the schema is none.
    pub fn avro_schema(&self) -> Option<AvroSummary<'_>> {
        let (class, schema) = self.avro()?;
        AvroSummary::of(class, schema)
    }

    /// Of a type that Avro serializes, the class of its values, if the state says one.
    pub fn avro_class(&self) -> Option<&str> {
        self.avro().map(|(class, _)| class).filter(|class| !class.is_empty())
    }

    fn avro(&self) -> Option<(&str, &str)> {
        let TypeConstructor::Parameterized { row, parameters } = &self.constructor else { return None };
        match parameters.as_slice() {
            [Parameter::Name(class), Parameter::Name(schema)] if row.name == "Avro" => Some((class, schema)),
            _ => None,
        }
    }

    /// The user's class that the type names where [`Self::class`] has none: a subclass of a tuple, the elements of an
    /// array, a `Value`.
    pub fn loaded_class(&self) -> Option<&str> {
        let class = match &self.constructor {
            TypeConstructor::Tuple { class } => class,
            TypeConstructor::Parameterized { row, parameters } => {
                let named = row.parameters.iter().zip(parameters);
                named.into_iter().find_map(|(row, value)| match value {
                    Parameter::Name(class) if row.name.starts_with("class") => Some(class),
                    _ => None,
                })?
            }
            _ => return None,
        };
        let class = class.trim_start_matches('[');
        let class = class.strip_prefix('L').and_then(|it| it.strip_suffix(';')).unwrap_or(class);
        // Flink's own, Scala's and those without a package, among them the primitive ones.
        let is_users =
            class.contains('.') && !class.starts_with("org.apache.flink.") && !class.starts_with("scala.");
        is_users.then_some(class)
    }

    /// [`Self::class`] without its package; empty where there is none.
    pub fn simple_class(&self) -> &str {
        compatibility::simple_class(self)
    }

    /// This type and every type inside it, outermost first.
    pub fn walk(&self) -> impl Iterator<Item = &DataType> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(next.arguments.iter().rev());
            Some(next)
        })
    }

    /// This type and every type inside it, outermost first, with the way to each: `Order.tags › element`.
    pub fn places(&self) -> Vec<(String, &DataType)> {
        let mut places = Vec::new();
        let mut stack = vec![(String::new(), self)];
        while let Some((place, part)) = stack.pop() {
            for (index, argument) in part.arguments.iter().enumerate().rev() {
                let class = compatibility::simple_class;
                let name = match (&part.constructor, part.fields().nth(index)) {
                    (_, Some((field, _))) => format!("{}.{field}", class(part)),
                    (TypeConstructor::Pojo { .. }, None) => format!("subclass {}", class(argument)),
                    _ => compatibility::argument_name(&part.constructor, index),
                };
                let way = if place.is_empty() { name } else { format!("{place} › {name}") };
                stack.push((way, argument));
            }
            places.push((place, part));
        }
        places
    }

    /// How many levels of types there are, itself included.
    pub fn depth(&self) -> usize {
        let mut level = vec![self];
        let mut depth = 0_usize;
        while !level.is_empty() {
            depth = depth.saturating_add(1);
            level = level.iter().flat_map(|part| &part.arguments).collect();
        }
        depth
    }

    /// Whether the whole type is known, down to its leaves.
    pub fn is_known(&self) -> bool {
        !self
            .walk()
            .any(|part| matches!(part.constructor, TypeConstructor::Opaque { .. } | TypeConstructor::Unread))
    }
}
