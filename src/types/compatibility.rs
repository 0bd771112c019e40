//! Whether a new serializer takes over what an old one wrote: Flink's `TypeSerializerSchemaCompatibility`, worked
//! out on types.

use super::{
    BasicType, Compared, DataType, KryoRegistration, KryoSettings, LogicalType, Parameter, ParameterizedType,
    RegisteredSerializer, SnapshotBody, TypeConstructor, avro, notation,
};
use crate::flink::FlinkLine;

/// What Flink makes of an old type and a new one, best first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compatibility {
    /// The new serializer reads the old bytes.
    #[default]
    AsIs,
    /// It does, once it is told of the old one (the order of enum constants).
    WithReconfiguredSerializer,
    /// The state is read with the old serializer and written with the new one.
    AfterMigration,
    /// This tool cannot say.
    Unknown,
    /// Flink refuses.
    Incompatible,
}

impl Compatibility {
    /// Each with its name in JSON, and the words for it.
    const NAMES: [(Self, &'static str, &'static str); 5] = [
        (Self::AsIs, "as-is", "as is"),
        (Self::WithReconfiguredSerializer, "with-reconfigured-serializer", "with reconfigured serializer"),
        (Self::AfterMigration, "after-migration", "after migration"),
        (Self::Unknown, "unknown", "cannot be told"),
        (Self::Incompatible, "incompatible", "incompatible"),
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// What to call it in a table.
    pub fn words(self) -> &'static str {
        Self::NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
}

/// A compatibility and what led to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The verdict on the whole type.
    pub compatibility: Compatibility,
    /// Every difference that counts, outermost first.
    pub changes: Vec<Change>,
    /// Fields of POJOs, `Order.note`, that the new serializer has no more. Flink takes them for removed only where
    /// the class does not declare them: a field that was made transient or static, it refuses.
    pub removed_fields: Vec<String>,
    /// Fields of POJOs that another class declares than did, and of which nothing tells whether Flink finds them there: it
    /// looks for a field in the class that declared it and in what this extends, takes one that is not there for
    /// removed, and a new one of the same name for added.
    pub moved_fields: Vec<String>,
    /// Such fields that it does not find: what they held is lost.
    pub lost_fields: Vec<String>,
    /// Classes that are registered anew, with POJOs that they extend or with Kryo. The bytes of their values are others
    /// than were written before, though both are read.
    pub newly_registered: Vec<String>,
    /// Classes that Kryo was told to serialize otherwise, with what did and what does: the type's own, and those of which it
    /// may be one, or hold objects. Flink does not compare the two.
    pub reserialized: Vec<String>,
    /// Records of Avro's that are no classes of their own, and of which a field stands where another one stood, or
    /// none. Flink migrates their fields by place and not by name.
    pub moved_records: Vec<String>,
}

/// One difference between two types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The way to the place: `Order.items`, `element`, ….
    pub path: Vec<String>,
    /// What Flink makes of it.
    pub compatibility: Compatibility,
    /// What changed, in words.
    pub what: String,
}

impl Resolution {
    /// The changes that decide the verdict.
    pub fn decisive(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.compatibility == self.compatibility)
    }
}

/// What Flink of the `target` line makes of state that was written as `old` and is asked for as `new`.
///
/// Mirrors `TypeSerializerSnapshot.resolveSchemaCompatibility`.
pub fn resolve(new: &DataType, old: &DataType, target: Option<FlinkLine>) -> Resolution {
    resolve_with(new, old, target, true)
}

/// The same where `new` need not say which fields are inherited, nor that Avro is on the class path: somebody may have
/// written it.
pub fn resolve_written(new: &DataType, old: &DataType, target: Option<FlinkLine>) -> Resolution {
    resolve_with(new, old, target, false)
}

fn resolve_with(new: &DataType, old: &DataType, target: Option<FlinkLine>, tells_all: bool) -> Resolution {
    let mut resolver = Resolver { target, tells_all, path: Vec::new(), found: Resolution::default() };
    resolver.resolve(new, old);
    let mut found = resolver.found;
    let worst = found.changes.iter().map(|change| change.compatibility).max();
    found.compatibility = worst.unwrap_or_default();
    found
}

/// Walks two types side by side and notes the differences.
struct Resolver {
    target: Option<FlinkLine>,
    /// Whether the new type says which fields are inherited, and of Avro.
    tells_all: bool,
    path: Vec<String>,
    /// What was noted so far; the verdict on the whole comes last.
    found: Resolution,
}

impl Resolver {
    fn note(&mut self, compatibility: Compatibility, what: String) {
        self.found.changes.push(Change { path: self.path.clone(), compatibility, what });
    }

    fn inside(&mut self, segment: String, new: &DataType, old: &DataType) {
        self.path.push(segment);
        self.resolve(new, old);
        self.path.pop();
    }

    fn resolve(&mut self, new: &DataType, old: &DataType) {
        use TypeConstructor as T;
        match (&new.constructor, &old.constructor) {
            (T::Opaque { .. } | T::Unread, _) | (_, T::Opaque { .. } | T::Unread) => {
                self.note(
                    Compatibility::Unknown,
                    format!("{old} → {new}: only the serializer's own class knows"),
                );
            }
            (T::Basic(now), T::Basic(was)) if now == was => {}
            (T::Pojo { class: now, .. }, T::Pojo { class: was, .. }) if now == was => self.pojo(new, old),
            (T::Enum { class: now, constants: new }, T::Enum { class: was, constants: old })
                if now == was =>
            {
                self.constants(new, old);
            }
            (T::Kryo { class: now, settings: new }, T::Kryo { class: was, settings: old }) if now == was => {
                self.kryo(now, new, old);
            }
            (
                T::Parameterized { row: now, parameters: new_values },
                T::Parameterized { row: was, parameters: old_values },
            ) if now == was => {
                if self.parameters(now, new_values, old_values) {
                    self.arguments(new, old);
                }
            }
            (T::Sql { row: now, .. }, T::Sql { row: was, .. }) if now == was => self.sql(new, old),
            // Classes from before Flink 1.8, which some of today's still take over.
            (now, T::Parameterized { row, .. }) if row.name.starts_with("old.") && is_composite(now) => {
                self.note(Compatibility::Unknown, format!("{} → {}", brief(old), brief(new)));
            }
            (T::Tuple { class: now }, T::Tuple { class: was }) if now != was => {
                self.other_composite(new, old);
            }
            (T::Collection(now), T::Collection(was))
                if now == was || is_list(now.name) && is_list(was.name) =>
            {
                self.arguments(new, old);
            }
            (now, was) if now == was => self.arguments(new, old),
            // Asynchronous state is never asked for as the other kind.
            (T::Collection(row), _) | (_, T::Collection(row)) if row.name == "v2.Ttl" => {
                self.note(Compatibility::Unknown, format!("{} → {}", brief(old), brief(new)));
            }
            (T::Collection(row), _) if row.name == "Ttl" => self.time_to_live(new, old, "on"),
            (_, T::Collection(row)) if row.name == "Ttl" => self.time_to_live(new, old, "off"),
            (now, was) if is_composite(now) && is_composite(was) => self.other_composite(new, old),
            _ => self.note(Compatibility::Incompatible, format!("{} → {}", brief(old), brief(new))),
        }
    }

    fn arguments(&mut self, new: &DataType, old: &DataType) {
        if new.arguments.len() != old.arguments.len() {
            let unread =
                |it: &DataType| it.arguments.iter().any(|it| it.constructor == TypeConstructor::Unread);
            if unread(new) || unread(old) {
                return self
                    .note(Compatibility::Unknown, format!("{old} → {new}: not all of it could be read"));
            }
            return self.note(Compatibility::Incompatible, format!("{} → {}", brief(old), brief(new)));
        }
        for (index, (now, was)) in new.arguments.iter().zip(&old.arguments).enumerate() {
            self.inside(argument_name(&old.constructor, index), now, was);
        }
    }

    /// Two composites of different classes. Flink refuses where the new one compares anything of its own
    /// (`resolveOuterSchemaCompatibility`), or the numbers of nested serializers differ. The others it compares by
    /// their nested serializers alone, though their bytes are not alike.
    fn other_composite(&mut self, new: &DataType, old: &DataType) {
        let other_count = new.arguments.len() != old.arguments.len() && new.is_known() && old.is_known();
        let certain = compares_itself(&new.constructor) || other_count;
        let compatibility = if certain { Compatibility::Incompatible } else { Compatibility::Unknown };
        self.note(compatibility, format!("{} → {}", brief(old), brief(new)));
    }

    fn time_to_live(&mut self, new: &DataType, old: &DataType, switched: &str) {
        // To Flink 1.x a time to live is a composite of two, a time and the value, and it compares no more of another
        // composite than its nested serializers.
        let other = if switched == "on" { old } else { new };
        let is_2 = self.target.is_some_and(|line| line.major >= 2);
        if !is_2 && is_composite(&other.constructor) && other.arguments.len() == 2 {
            let refuses = compares_itself(&new.constructor)
                || nested(new).iter().zip(nested(old)).any(|(new, old)| {
                    resolve(new, &old, self.target).compatibility == Compatibility::Incompatible
                });
            let compatibility = match self.target {
                Some(_) if refuses => Compatibility::Incompatible,
                _ => Compatibility::Unknown,
            };
            return self.note(compatibility, format!("{} → {}", brief(old), brief(new)));
        }
        // Flink 2.x takes a value that is a list or a map for a list or map state (`TtlAwareSerializerSnapshotWrapper`), looks
        // for the time to live at its elements, and refuses the value as a whole.
        let is_whole = self.path.is_empty() && is_list_or_map(&other.constructor);
        let compatibility = match self.target {
            Some(_) if is_2 && !is_whole => Compatibility::AfterMigration,
            Some(_) => Compatibility::Incompatible,
            None => Compatibility::Unknown,
        };
        self.note(
            compatibility,
            format!("time-to-live switched {switched}: {} → {}", brief(old), brief(new)),
        );
        if compatibility == Compatibility::AfterMigration {
            let inner = |outer: &DataType, constructor: &TypeConstructor| match constructor {
                TypeConstructor::Collection(row) if row.name == "Ttl" => outer.arguments.first().cloned(),
                _ => Some(outer.clone()),
            };
            if let (Some(new), Some(old)) = (inner(new, &new.constructor), inner(old, &old.constructor)) {
                self.resolve(&new, &old);
            }
        }
    }

    /// Compares the parameters; false if nothing can be said of the rest.
    fn parameters(&mut self, row: &ParameterizedType, new: &[Parameter], old: &[Parameter]) -> bool {
        for ((row, now), was) in row.parameters.iter().zip(new).zip(old) {
            let compatibility = match row.compared {
                Compared::Never => None,
                Compared::As(compatibility) => (now != was).then_some(compatibility),
                Compared::Alone => {
                    if row.kind.is_plain(now) || row.kind.is_plain(was) {
                        let what = format!("only Flink can compare the {}", row.name);
                        self.note(Compatibility::Unknown, what);
                    } else if now != was {
                        self.note(Compatibility::Incompatible, format!("{} changed", row.name));
                    }
                    return false;
                }
                Compared::AsStart => (!starts_with(now, was)).then_some(Compatibility::Incompatible),
                Compared::AsLoaded => {
                    self.loaded_class(now, was);
                    None
                }
                Compared::AsAvroSchema => {
                    self.avro_schemas(new, old);
                    None
                }
            };
            if let Some(compatibility) = compatibility {
                self.note(compatibility, format!("{} changed", row.name));
            }
        }
        true
    }

    /// The first version of the snapshot has no class.
    fn loaded_class(&mut self, new: &Parameter, old: &Parameter) {
        let (Parameter::Name(now), Parameter::Name(was)) = (new, old) else { return };
        if now != was && !was.is_empty() {
            let what =
                format!("{was} → {now}: Flink reads the state into the old class, if that is there still");
            self.note(Compatibility::Unknown, what);
        }
    }

    fn avro_schemas(&mut self, new: &[Parameter], old: &[Parameter]) {
        let ([Parameter::Name(class), Parameter::Name(now)], [_, Parameter::Name(was)]) = (new, old) else {
            return;
        };
        let comparison = avro::compare(now, was);
        for change in comparison.changes {
            let path = self.path.iter().cloned().chain(change.path).collect();
            self.found.changes.push(Change { path, ..change });
        }
        if class.starts_with("org.apache.avro.generic.") {
            self.found.moved_records.extend(comparison.moved);
        }
    }

    fn kryo(&mut self, class: &str, new: &KryoSettings, old: &KryoSettings) {
        // Flink refuses where it cannot load what was there and finds nothing in its place.
        let may_be_gone = |was: &[KryoRegistration], now: &[KryoRegistration]| {
            was.iter().any(|was| match was.serializer {
                RegisteredSerializer::Missing => true,
                RegisteredSerializer::Instance(_) if !was.is_flinks() => now.iter().all(|now| {
                    now.class != was.class || !matches!(now.serializer, RegisteredSerializer::Instance(_))
                }),
                _ => false,
            })
        };
        let has_avro = |of: &KryoSettings| of.registered.iter().any(KryoRegistration::is_flinks);
        if self.tells_all && has_avro(old) && !has_avro(new) {
            let what = "whether Avro still loads: flink-avro was on the class path, and Flink registered a class of Avro's \
with Kryo, without which it reads none of this";
            return self.note(Compatibility::Unknown, what.to_owned());
        }
        if may_be_gone(&old.registered, &new.registered) || may_be_gone(&old.defaults, &new.defaults) {
            let what = "whether a serializer that Kryo was given still loads".to_owned();
            return self.note(Compatibility::Unknown, what);
        }
        for (of, was, now) in old.serializers_changed(class, new) {
            let name = |it: Option<&str>| it.unwrap_or("Kryo's own choice").to_owned();
            let change = format!("{} → {}", name(was), name(now));
            if of == class {
                self.found.reserialized.push(format!("{class}: {change}"));
            } else if of.starts_with("java.") || !is_value_of_java(class) {
                self.found.reserialized.push(format!("{of}, if {class} is one or holds any: {change}"));
            }
        }
        if !class.starts_with("java.") {
            let anew = new
                .registered
                .iter()
                .filter(|now| !now.is_flinks() && old.registered.iter().all(|was| was.class != now.class));
            self.found.newly_registered.extend(anew.map(|it| it.class.clone()));
        }
        // Flink keeps serializers and classes of serializers apart.
        let defaults = |of: &KryoSettings, instances: bool| {
            let defaults = of
                .defaults
                .iter()
                .filter(|it| instances == matches!(it.serializer, RegisteredSerializer::Instance(_)));
            defaults.map(|it| it.class.clone()).collect::<Vec<_>>()
        };
        let registered = |of: &KryoSettings| {
            let of_user = of.registered.iter().filter(|it| !it.is_flinks());
            of_user.map(|it| it.class.clone()).collect::<Vec<_>>()
        };
        let defaults_stay =
            [true, false].iter().all(|kind| defaults(new, *kind).starts_with(&defaults(old, *kind)));
        // A new class comes before the one that is always last, so that even it changes the order.
        if registered(new) != registered(old) || !defaults_stay {
            let what = "what Kryo was told of classes changed".to_owned();
            self.note(Compatibility::WithReconfiguredSerializer, what);
        }
    }

    fn sql(&mut self, new: &DataType, old: &DataType) {
        let (
            TypeConstructor::Sql { types: now, serializers: by, .. },
            TypeConstructor::Sql { types: was, serializers: formerly_by, .. },
        ) = (&new.constructor, &old.constructor)
        else {
            return;
        };
        if now.len() != was.len() {
            return self.note(Compatibility::Incompatible, format!("{} → {}", brief(old), brief(new)));
        }
        for (index, (now, was)) in now.iter().zip(was).enumerate() {
            self.path.push(format!("f{index}"));
            let is_same = new
                .arguments
                .get(index)
                .is_some_and(|argument| argument.is_known() && Some(argument) == old.arguments.get(index));
            self.logical_types(now, was, is_same);
            self.path.pop();
        }
        if by.iter().chain(formerly_by).any(Option::is_some) {
            let what = "its serializer, which Flink compares, is not the usual one".to_owned();
            self.note(Compatibility::Unknown, what);
        }
        if !new.arguments.is_empty() {
            self.arguments(new, old);
        }
    }

    fn logical_types(&mut self, new: &LogicalType, old: &LogicalType, same_serializer: bool) {
        if new != old {
            let is_told = new.is_known() && old.is_known() && new.as_later_read() != old.as_later_read();
            let compatibility = if is_told { Compatibility::Incompatible } else { Compatibility::Unknown };
            self.note(compatibility, format!("{old} → {new}"));
        } else if !(new.is_certain() || same_serializer && new.is_known()) {
            let what = format!("{old}: Flink compares its serializer too");
            self.note(Compatibility::Unknown, what);
        }
    }

    fn pojo(&mut self, new: &DataType, old: &DataType) {
        let class = simple_class(old);
        for (name, was) in old.fields() {
            if let Some((_, now)) = new.fields().find(|(now, _)| *now == name) {
                self.field(format!("{class}.{name}"), (new, now), (old, was), name);
            } else {
                self.found.removed_fields.push(format!("{class}.{name}"));
                self.note(Compatibility::AfterMigration, format!("field {class}.{name} removed"));
            }
        }
        for (name, now) in new.fields().filter(|(name, _)| old.fields().all(|(was, _)| was != *name)) {
            self.note(Compatibility::AfterMigration, format!("field {class}.{name}: {} added", brief(now)));
        }
        self.subclasses(new, old);
    }

    /// A field that both have. Flink finds it where the class that declared it does still, or one that this extends.
    fn field(
        &mut self,
        segment: String,
        (new, now): (&DataType, &DataType),
        (old, was): (&DataType, &DataType),
        name: &str,
    ) {
        // What the POJO itself declared can have moved nowhere but up.
        let after = new.inherited_from(name);
        let Some(before) = old.inherited_from(name).filter(|before| after != Some(before)) else {
            return self.inside(segment, now, was);
        };
        if after.is_none() && self.tells_all {
            let before = bare(before);
            let what = format!("field {segment} moved from {before}: removed there and added here");
            self.note(Compatibility::AfterMigration, what);
            self.found.removed_fields.push(format!("{before}.{name}"));
            return self.found.lost_fields.push(segment);
        }
        self.found.moved_fields.push(segment.clone());
        let certain = self.found.changes.len();
        self.inside(segment, now, was);
        for change in self.found.changes.iter_mut().skip(certain) {
            // Nothing is compared of a field that is not found.
            change.compatibility = change.compatibility.min(Compatibility::Unknown);
        }
    }

    fn subclasses(&mut self, new: &DataType, old: &DataType) {
        let (now, was) = (new.registered_subclasses(), old.registered_subclasses());
        for was in was {
            if let Some(now) = now.iter().find(|now| now.class() == was.class()) {
                self.inside(format!("subclass {}", simple_class(was)), now, was);
            }
        }
        let classes =
            |types: &[DataType]| types.iter().filter_map(|t| t.class().map(str::to_owned)).collect();
        let (now, was): (Vec<_>, Vec<_>) = (classes(now), classes(was));
        self.found.newly_registered.extend(now.iter().filter(|now| !was.contains(now)).cloned());
        if !old.unregistered_subclasses().is_empty() {
            let what = "subclasses came up at run time".to_owned();
            self.note(Compatibility::WithReconfiguredSerializer, what);
        }
        if !now.starts_with(&was) {
            let what = format!("registered subclasses: [{}] → [{}]", was.join(", "), now.join(", "));
            self.note(Compatibility::WithReconfiguredSerializer, what);
        }
    }

    fn constants(&mut self, new: &[String], old: &[String]) {
        let removed: Vec<_> = old.iter().filter(|constant| !new.contains(constant)).cloned().collect();
        let added: Vec<_> = new.iter().filter(|constant| !old.contains(constant)).cloned().collect();
        if !removed.is_empty() {
            self.note(Compatibility::Incompatible, format!("constants removed: {}", removed.join(", ")));
        } else if !added.is_empty() {
            let what = format!("constants added: {}", added.join(", "));
            self.note(Compatibility::WithReconfiguredSerializer, what);
        } else if new != old {
            self.note(Compatibility::WithReconfiguredSerializer, "constants reordered".to_owned());
        }
    }
}

fn is_list_or_map(constructor: &TypeConstructor) -> bool {
    matches!(constructor, TypeConstructor::Collection(row) if matches!(row.name, "List" | "Map"))
}

/// Keyed list state is an `ArrayList` in the heap backend and a `List` elsewhere; Flink compares their elements only.
fn is_list(name: &str) -> bool {
    matches!(name, "List" | "ArrayList")
}

fn starts_with(now: &Parameter, was: &Parameter) -> bool {
    match (now, was) {
        (Parameter::Constants(now), Parameter::Constants(was)) => now.starts_with(was),
        _ => now == was,
    }
}

/// Whether the snapshot is a `CompositeTypeSerializerSnapshot`, which only another one can replace.
fn is_composite(constructor: &TypeConstructor) -> bool {
    match constructor {
        TypeConstructor::Collection(_) | TypeConstructor::Tuple { .. } => true,
        TypeConstructor::Parameterized { row, .. } => row.body == SnapshotBody::Composite,
        _ => false,
    }
}

/// Whether a composite compares more than its nested serializers.
fn compares_itself(constructor: &TypeConstructor) -> bool {
    match constructor {
        TypeConstructor::Parameterized { row, .. } => {
            row.parameters.iter().any(|parameter| parameter.compared != Compared::Never)
        }
        _ => false,
    }
}

/// A class of Java's own that holds no object of a user's class.
fn is_value_of_java(class: &str) -> bool {
    let packages = ["java.math.", "java.net.", "java.sql.", "java.time."];
    packages.iter().any(|package| class.starts_with(package))
        || ["java.util.Date", "java.util.UUID"].contains(&class)
}

/// The serializers that Flink nests: of a time to live, the time too.
fn nested(data_type: &DataType) -> Vec<DataType> {
    let time = match &data_type.constructor {
        TypeConstructor::Collection(row) if row.name == "Ttl" => BasicType::named("Long"),
        _ => None,
    };
    let time = time.map(|row| DataType::leaf(TypeConstructor::Basic(row)));
    time.into_iter().chain(data_type.arguments.iter().cloned()).collect()
}

pub(super) fn argument_name(constructor: &TypeConstructor, index: usize) -> String {
    let names: &[&str] = match constructor {
        TypeConstructor::Collection(row) => match row.name {
            "Map" => &["key", "value"],
            "Timer" => &["key", "namespace"],
            "Either" => &["left", "right"],
            "TaggedUnion" => &["one", "two"],
            "Ttl" | "v2.Ttl" => &["value"],
            _ => &["element"],
        },
        TypeConstructor::Parameterized { row, .. } => match row.name {
            "Array" | "LinkedList" => &["element"],
            "Nullable" => &["value"],
            _ => &[],
        },
        _ => &[],
    };
    names.get(index).map_or_else(|| format!("f{index}"), |name| (*name).to_owned())
}

/// A POJO's or enum's class without its package.
pub(super) fn simple_class(data_type: &DataType) -> &str {
    bare(data_type.class().unwrap_or_default())
}

/// A class's name without its package, or the class that it stands in.
fn bare(class: &str) -> &str {
    class.rsplit_once(['.', '$']).map_or(class, |(_, name)| name)
}

/// A type for a message: POJOs and enums by their class alone, Avro's types by their name.
fn brief(data_type: &DataType) -> String {
    notation::write(data_type, &|part| match part.constructor {
        TypeConstructor::Pojo { .. } | TypeConstructor::Enum { .. } => part.class().map(str::to_owned),
        _ => part.avro_schema().map(|schema| schema.to_string()),
    })
}

#[cfg(test)]
mod tests;
