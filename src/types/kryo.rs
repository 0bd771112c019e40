//! What a job told Kryo about classes.

/// The registrations and default serializers that a `KryoSerializer` was made with.
///
/// Two registrations are in every snapshot and not kept: of the serialized class itself, which comes first, and of
/// Avro's generic arrays, which comes last.
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
    /// What serializes a class, where Kryo was told so for the class itself.
    pub fn serializer_of(&self, class: &str) -> Option<&str> {
        let mut of_class = self.registered.iter().chain(&self.defaults).filter(|it| it.class == class);
        of_class.find_map(|it| it.serializer.class())
    }
}

impl KryoRegistration {
    /// The class of Avro that Flink registers last in every serializer.
    pub const ALWAYS_LAST: &str = "org.apache.avro.generic.GenericData$Array";
}
