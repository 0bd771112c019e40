//! What a job told Kryo about classes.

/// The registrations and default serializers that a `KryoSerializer` was made with.
///
/// Two registrations are in every snapshot: of the serialized class itself, which comes first and is not kept, and of
/// Avro's generic arrays, which comes last and is kept only where it names a class of Avro's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KryoSettings {
    /// The registered classes, in the order of their numbers.
    pub registered: Vec<KryoRegistration>,
    /// The classes with a default serializer.
    pub defaults: Vec<KryoRegistration>,
}

/// A class that Kryo was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KryoRegistration {
    /// The class.
    pub class: String,
    /// What serializes it.
    pub serializer: RegisteredSerializer,
}

/// How a class that Kryo was told of is serialized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisteredSerializer {
    /// As Kryo likes.
    Unspecified,
    /// By a new object of this class.
    Class(String),
    /// By an object of this class, which the snapshot holds.
    Instance(String),
    /// The class could not be loaded when the snapshot was written.
    Missing,
}

impl RegisteredSerializer {
    /// The class of the serializer, where one was given.
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::Class(class) | Self::Instance(class) => Some(class),
            Self::Unspecified | Self::Missing => None,
        }
    }
}

impl KryoSettings {
    /// The classes that a job with `new` settings serializes otherwise than these say, each with what did and what does.
    /// Flink lays the new settings over the old ones (`KryoSerializerSnapshot`): what is not named any more stays, but for
    /// the serialized class itself, which every job registers.
    pub fn serializers_changed<'k>(
        &'k self,
        serialized: &str,
        new: &'k Self,
    ) -> Vec<(&'k str, Option<&'k str>, Option<&'k str>)> {
        let mut found: Vec<(&str, _, _)> = Vec::new();
        let all = [&self.registered, &self.defaults, &new.registered, &new.defaults];
        let of_user = all.into_iter().flatten().filter(|it| !it.is_flinks());
        for class in of_user.map(|it| it.class.as_str()) {
            let given = |first: Option<&'k KryoRegistration>, then: Option<&'k KryoRegistration>| {
                let by = |it: Option<&'k KryoRegistration>| it.and_then(|it| it.serializer.class());
                by(first).or(by(then))
            };
            let was = given(named(&self.registered, class), named(&self.defaults, class));
            let kept = named(&self.registered, class).filter(|_| class != serialized);
            let now = given(
                named(&new.registered, class).or(kept),
                named(&new.defaults, class).or_else(|| named(&self.defaults, class)),
            );
            if now != was && found.iter().all(|it| it.0 != class) {
                found.push((class, was, now));
            }
        }
        found
    }
}

fn named<'k>(registrations: &'k [KryoRegistration], class: &str) -> Option<&'k KryoRegistration> {
    registrations.iter().find(|it| it.class == class)
}

impl KryoRegistration {
    /// The class of Avro that Flink registers last in every serializer (`AvroUtils.addAvroGenericDataArrayRegistration`).
    pub const ALWAYS_LAST: &str = "org.apache.avro.generic.GenericData$Array";

    /// What serializes it where `flink-avro` is not on the class path. Then Avro need not be there at the restore either.
    pub const WITHOUT_AVRO: &str =
        "org.apache.flink.api.java.typeutils.runtime.kryo.Serializers$DummyAvroKryoSerializerClass";

    /// Whether Flink registered the class by itself.
    pub fn is_flinks(&self) -> bool {
        self.class == Self::ALWAYS_LAST
    }
}
