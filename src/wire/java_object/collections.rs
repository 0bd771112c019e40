//! The collections of `java.util`, as their `writeObject` methods wrote them.

use super::JavaValue;

/// Wrappers of `java.util`, and the field that holds what they wrap.
const WRAPPERS: &[(&str, &str)] = &[
    ("java.util.Collections$UnmodifiableCollection", "c"),
    ("java.util.Collections$UnmodifiableMap", "m"),
    ("java.util.Collections$SynchronizedCollection", "c"),
    ("java.util.Collections$SynchronizedMap", "m"),
];

/// Deeper than anybody wraps a collection.
const MOST_WRAPPED: usize = 8;

impl<'o, 'a> JavaValue<'o, 'a> {
    /// The elements of a list or a set: `ArrayList`, `LinkedList`, `HashSet`, `Arrays.asList`, `List.of` and their
    /// wrappers; nothing for any other object.
    pub fn items(self) -> Box<dyn Iterator<Item = JavaValue<'o, 'a>> + 'o> {
        let list = self.unwrapped();
        for class in ["java.util.ArrayList", "java.util.LinkedList", "java.util.HashSet", "java.util.CollSer"]
        {
            if list.is_a(class) {
                return Box::new(list.objects_of(class));
            }
        }
        let inner = |field: &str| list.field(field).into_iter();
        match list.class_name().as_deref() {
            Some("java.util.Arrays$ArrayList") => Box::new(inner("a").flat_map(JavaValue::elements)),
            Some("java.util.Collections$SingletonList" | "java.util.Collections$SingletonSet") => {
                Box::new(list.field("element").into_iter())
            }
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The entries of a map: `HashMap`, `LinkedHashMap`, `TreeMap`, `Map.of` and their wrappers; nothing for any other
    /// object.
    pub fn entries(self) -> impl Iterator<Item = (JavaValue<'o, 'a>, JavaValue<'o, 'a>)> + use<'o, 'a> {
        let map = self.unwrapped();
        let classes = [
            "java.util.HashMap",
            "java.util.TreeMap",
            "java.util.CollSer",
            "java.util.concurrent.ConcurrentHashMap",
        ];
        let class = classes.into_iter().find(|class| map.is_a(class));
        let mut objects = class.into_iter().flat_map(move |class| map.objects_of(class));
        let single = (map.class_name().as_deref() == Some("java.util.Collections$SingletonMap"))
            .then(|| Some((map.field("k")?, map.field("v")?)))
            .flatten();
        let entries = std::iter::from_fn(move || Some((objects.next()?, objects.next()?)));
        single.into_iter().chain(entries)
    }

    /// What a class's `writeObject` method wrote, without the numbers between.
    fn objects_of(self, class: &'static str) -> impl Iterator<Item = JavaValue<'o, 'a>> + use<'o, 'a> {
        self.annotation(class).filter(|value| !value.is_block())
    }

    /// The collection inside of its wrappers.
    fn unwrapped(self) -> Self {
        let inner = |value: &Self| {
            let (_, field) = WRAPPERS.iter().find(|(class, _)| value.is_a(class))?;
            value.field(field)
        };
        let layers = std::iter::successors(Some(self), inner).take(MOST_WRAPPED);
        layers.last().unwrap_or(self)
    }
}
