//! Streams that Java 17 wrote, and a few that it would not.
//!
//! Every class is in the default package, implements `Serializable` and has the `serialVersionUID` 1.

use super::*;
use crate::wire::DecodeErrorKind;

/// `class P { boolean z = true; byte b = -2; char c = 'é'; short s = -300; int i = -70000; long j = 1L << 40;
/// float f = 1.5f; double d = -2.25; String t = "t"; P next; }`, a `new P()` whose `next` is another.
const PRIMS: &str = "\
    aced00057372000150000000000000000102000a42000162430001634400016446000166490001694a00016a530001735a00\
    017a4c00046e6578747400034c503b4c0001747400124c6a6176612f6c616e672f537472696e673b7870fe00e9c002000000\
    0000003fc00000fffeee900000010000000000fed4017371007e0000fe00e9c0020000000000003fc00000fffeee90000001\
    0000000000fed401707400017471007e0005";

/// `class A { int x = 1; String s = "a"; }`, `class B extends A { int y = 2; }` with a `writeObject` that calls
/// `defaultWriteObject(); writeInt(7); writeObject("extra"); writeUTF("u")`, and
/// `class C extends B { int x = 3; Object o = this; }`: a `new C()`.
const INHERIT: &str = "\
    aced000573720001430000000000000001020002490001784c00016f7400124c6a6176612f6c616e672f4f626a6563743b78\
    7200014200000000000000010300014900017978720001410000000000000001020002490001784c0001737400124c6a6176\
    612f6c616e672f537472696e673b787000000001740001610000000277040000000774000565787472617703000175780000\
    000371007e0005";

/// `enum Op { PLUS { … }, MINUS }`: `new Op[] {PLUS, MINUS, PLUS}`.
const ENUMS: &str = "\
    aced0005757200055b4c4f703b4106ae8ba733ac1e0200007870000000037e7200024f700000000000000000120000787200\
    0e6a6176612e6c616e672e456e756d00000000000000001200007870740004504c55537e71007e00027400054d494e555371\
    007e0004";

/// `new Object[] {new int[] {1, -2}, new String[] {"s", null, "s"}, new long[][] {{1}, {2, 3}}, new byte[] {5, 6},
/// new boolean[] {true, false}}`
const ARRAYS: &str = "\
    aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c020000787000000005757200025b49\
    4dba602676eab2a502000078700000000200000001fffffffe757200135b4c6a6176612e6c616e672e537472696e673badd2\
    56e7e91d7b47020000787000000003740001737071007e0006757200035b5b4afe76f8764a55dfbd02000078700000000275\
    7200025b4a782004b512b1759302000078700000000100000000000000017571007e00090000000200000000000000020000\
    000000000003757200025b42acf317f8060854e00200007870000000020506757200025b5a578f203914b85de20200007870\
    000000020100";

/// `HashMap.of("list", ArrayList.of(7L, true), "linked", LinkedHashMap.of("k", 1, "l", List.of("v")))`, were there
/// such methods.
const MAPS: &str = "\
    aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f7249\
    00097468726573686f6c6478703f4000000000000c770800000010000000027400046c697374737200136a6176612e757469\
    6c2e41727261794c6973747881d21d99c7619d03000149000473697a657870000000027704000000027372000e6a6176612e\
    6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565787200106a6176612e6c616e672e4e756d62657286ac\
    951d0b94e08b02000078700000000000000007737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200\
    015a000576616c7565787001787400066c696e6b6564737200176a6176612e7574696c2e4c696e6b6564486173684d617034\
    c04e5c106cc0fb0200015a000b6163636573734f726465727871007e00003f4000000000000c770800000010000000027400\
    016b737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c75657871007e00060000\
    00017400016c737200116a6176612e7574696c2e436f6c6c536572578eabb63a1ba811030001490003746167787000000001\
    7704000000017400017678780078";

/// `var list = new ArrayList<Object>(); list.add(list);`
const CYCLE: &str = "\
    aced0005737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a657870000000\
    0177040000000171007e000178";

/// `Proxy.newProxyInstance(…, {Runnable.class, Comparable.class}, new H())`, with `class H { int id = 5; }`.
const PROXY: &str = "\
    aced0005737d0000000200126a6176612e6c616e672e52756e6e61626c6500146a6176612e6c616e672e436f6d7061726162\
    6c65787200176a6176612e6c616e672e7265666c6563742e50726f7879e127da20cc1043cb0200014c0001687400254c6a61\
    76612f6c616e672f7265666c6563742f496e766f636174696f6e48616e646c65723b78707372000148000000000000000102\
    00014900026964787000000005";

/// `new Object[] {int.class, String.class, Runnable.class, Op.class, new Class[0], long[].class}`
const CLASSES: &str = "\
    aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000676720003696e\
    7400000000000000000000007870767200106a6176612e6c616e672e537472696e67a0f0a4387a3bb3420200007870767200\
    126a6176612e6c616e672e52756e6e61626c6500000000000000000000007870767200024f70000000000000000012000078\
    72000e6a6176612e6c616e672e456e756d00000000000000001200007870757200125b4c6a6176612e6c616e672e436c6173\
    733bab16d7aecbcd5a99020000787000000000767200025b4a782004b512b175930200007870";

/// `class X implements Externalizable`, which does `writeInt(9); writeObject("in"); write(new byte[] {1, 2})`.
const EXTERNAL: &str = "aced00057372000158543d8c8ecc93f3350c00007870770400000009740002696e7702010278";

/// The same after `useProtocolVersion(PROTOCOL_VERSION_1)`.
const V1: &str = "aced00057372000158543d8c8ecc93f335040000787000000009740002696e0102";

/// `new Object[] {new BigDecimal("12.50"), LocalDate.of(2024, 2, 29), Duration.ofSeconds(5)}`
const NUMBERS: &str = "\
    aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c020000787000000003737200146a61\
    76612e6d6174682e426967446563696d616c54c71557f981284f0300024900057363616c654c0006696e7456616c7400164c\
    6a6176612f6d6174682f426967496e74656765723b787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b02\
    0000787000000002737200146a6176612e6d6174682e426967496e74656765728cfc9f1fa93bfb1d03000649000862697443\
    6f756e744900096269744c656e67746849001366697273744e6f6e7a65726f427974654e756d49000c6c6f77657374536574\
    4269744900067369676e756d5b00096d61676e69747564657400025b427871007e0004fffffffffffffffffffffffeffffff\
    fe00000001757200025b42acf317f8060854e002000078700000000204e278787372000d6a6176612e74696d652e53657295\
    5d84ba1b2248b20c00007870770703000007e8021d787371007e000b770d0100000000000000050000000078";

/// `reset(); writeObject("after"); writeObject("next")`
const RESET: &str = "aced00057974000561667465727400046e657874";

/// `new Object[] {"a", new Object()}`, which fails; the exception that follows is cut off.
const EXCEPTION: &str = "\
    aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c020000787000000002740001617b73\
    7200206a6176612e696f2e4e6f7453";

const STREAMS: [&str; 13] =
    [PRIMS, INHERIT, ENUMS, ARRAYS, MAPS, CYCLE, PROXY, CLASSES, EXTERNAL, V1, NUMBERS, RESET, EXCEPTION];

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Reads a whole stream and shows its object to `look`.
fn with<T>(hex: &str, look: impl FnOnce(JavaValue<'_, '_>) -> T) -> T {
    let bytes = bytes(hex);
    let mut input = DataInput::new(&bytes, 0);
    let object = JavaObject::read(&mut input).unwrap();
    assert!(input.rest().is_empty());
    look(object.root())
}

/// The error of a stream that consists of the magic and `contents`.
fn error(contents: &str) -> DecodeError {
    JavaObject::read(&mut DataInput::new(&bytes(&format!("aced0005{contents}")), 0)).unwrap_err()
}

#[test]
fn fields_of_every_primitive_type_are_widened_as_in_java() {
    with(PRIMS, |root| {
        let next = root.field("next").unwrap();
        assert!(next.field("next").unwrap().is_null());
        for object in [root, next] {
            let field = |name| object.field(name).unwrap();
            assert_eq!(field("z").as_bool(), Some(true));
            assert_eq!(
                ["b", "c", "s", "i"].map(|name| field(name).as_int().unwrap()),
                [-2, 0xe9, -300, -70000]
            );
            assert_eq!((field("j").as_long(), field("j").as_int()), (Some(1 << 40), None));
            assert_eq!((field("f").as_double(), field("d").as_double()), (Some(1.5), Some(-2.25)));
            assert_eq!(field("t").as_str().unwrap(), "t", "the second is a reference to the first");
            assert!(object.field("absent").is_none());
        }
    });
}

#[test]
fn each_class_of_an_object_has_its_own_fields_and_annotation() {
    with(INHERIT, |root| {
        assert_eq!(root.class_names().collect::<Vec<_>>(), ["C", "B", "A"]);
        assert_eq!(["x", "y"].map(|name| root.field(name).unwrap().as_int().unwrap()), [3, 2]);
        assert_eq!(root.field("s").unwrap().as_str().unwrap(), "a");
        let itself = root.field("o").unwrap().field("o").unwrap();
        assert_eq!(itself.class_name().unwrap(), "C");
        let written: Vec<_> = root.annotation("B").collect();
        assert_eq!(written[0].as_bytes().unwrap(), [0, 0, 0, 7]);
        assert_eq!(written[1].as_str().unwrap(), "extra");
        assert_eq!(written[2].as_bytes().unwrap(), b"\0\x01u");
        assert_eq!((written.len(), root.annotation("C").count()), (3, 0));
    });
}

#[test]
fn enum_constants_are_of_the_enum_even_when_they_have_bodies() {
    with(ENUMS, |root| {
        let constants: Vec<_> = root.elements().map(|it| it.enum_constant().unwrap()).collect();
        assert_eq!(constants, ["PLUS", "MINUS", "PLUS"]);
        assert_eq!(root.elements().next().unwrap().class_name().unwrap(), "Op");
    });
}

#[test]
fn arrays_are_of_primitives_of_objects_or_of_arrays() {
    with(ARRAYS, |root| {
        let [ints, strings, longs, bytes, booleans] = root.elements().collect::<Vec<_>>()[..] else {
            panic!("five elements");
        };
        assert_eq!(ints.class_name().unwrap(), "[I");
        assert_eq!(ints.elements().filter_map(JavaValue::as_int).collect::<Vec<_>>(), [1, -2]);
        let texts: Vec<_> = strings.elements().map(JavaValue::as_str).collect();
        assert_eq!(texts, [Some("s".into()), None, Some("s".into())]);
        let rows =
            longs.elements().map(|row| row.elements().filter_map(JavaValue::as_long).collect::<Vec<_>>());
        assert_eq!(rows.collect::<Vec<_>>(), [vec![1], vec![2, 3]]);
        assert_eq!((bytes.as_bytes(), booleans.as_bytes()), (Some(&[5, 6][..]), None));
        assert_eq!(booleans.elements().filter_map(JavaValue::as_bool).collect::<Vec<_>>(), [true, false]);
    });
}

#[test]
fn collections_write_their_contents_as_annotations() {
    with(MAPS, |root| {
        let entries: Vec<_> = root.annotation("java.util.HashMap").collect();
        let value_of = |entries: &[JavaValue<'_, '_>], key: &str| {
            entries.iter().position(|it| it.as_str().is_some_and(|text| text == key)).unwrap() + 1
        };
        let list = entries[value_of(&entries, "list")];
        let items: Vec<_> = list.annotation("java.util.ArrayList").skip(1).collect();
        assert_eq!((items[0].as_long(), items[0].as_int(), items[1].as_bool()), (Some(7), None, Some(true)));
        let linked = entries[value_of(&entries, "linked")];
        assert_eq!(
            linked.class_names().collect::<Vec<_>>(),
            ["java.util.LinkedHashMap", "java.util.HashMap"]
        );
        assert_eq!(linked.field("accessOrder").unwrap().as_bool(), Some(false));
        let entries: Vec<_> = linked.annotation("java.util.HashMap").collect();
        assert_eq!(entries[value_of(&entries, "k")].as_int(), Some(1));
        assert_eq!(entries[value_of(&entries, "l")].class_name().unwrap(), "java.util.CollSer");
    });
}

#[test]
fn an_object_may_contain_itself() {
    with(CYCLE, |root| {
        let inside = |list: JavaValue<'_, '_>| list.annotation("java.util.ArrayList").count();
        let itself = root.annotation("java.util.ArrayList").nth(1).unwrap();
        assert_eq!((inside(root), inside(itself)), (2, 2));
        assert_eq!(itself.field("size").unwrap().as_int(), Some(1));
    });
}

#[test]
fn a_proxy_has_no_class_name_but_its_handler() {
    with(PROXY, |root| {
        assert_eq!(root.class_name(), None);
        assert_eq!(root.class_names().collect::<Vec<_>>(), ["java.lang.reflect.Proxy"]);
        assert_eq!(root.field("h").unwrap().field("id").unwrap().as_int(), Some(5));
    });
}

#[test]
fn classes_themselves_may_be_written() {
    with(CLASSES, |root| {
        let names: Vec<_> = root.elements().map(JavaValue::as_class).collect();
        let class = |name: &'static str| Some(name.into());
        let [string, runnable] = ["java.lang.String", "java.lang.Runnable"].map(class);
        assert_eq!(names, [class("int"), string, runnable, class("Op"), None, class("[J")]);
    });
}

#[test]
fn externalizable_objects_are_all_annotation() {
    with(EXTERNAL, |root| {
        let [number, text, bytes] = root.annotation("X").collect::<Vec<_>>()[..] else {
            panic!("three parts")
        };
        assert_eq!(number.as_bytes().unwrap(), [0, 0, 0, 9]);
        assert_eq!((text.as_str().unwrap(), bytes.as_bytes().unwrap()), ("in".into(), &[1, 2][..]));
    });
    assert!(error(&V1[8..]).to_string().contains("externalizable object without a length"));
}

#[test]
fn classes_of_the_jdk_need_no_knowledge() {
    with(NUMBERS, |root| {
        let [decimal, date, duration] = root.elements().collect::<Vec<_>>()[..] else {
            panic!("three numbers")
        };
        assert_eq!(decimal.field("scale").unwrap().as_int(), Some(2));
        let magnitude = decimal.field("intVal").unwrap().field("magnitude").unwrap();
        assert_eq!(magnitude.as_bytes().unwrap(), 1250_u16.to_be_bytes());
        let written = |value: JavaValue<'_, '_>| {
            value
                .annotation("java.time.Ser")
                .map(|block| block.as_bytes().unwrap().to_vec())
                .collect::<Vec<_>>()
        };
        assert_eq!(written(date), [[3, 0, 0, 7, 232, 2, 29]]);
        assert_eq!(written(duration), [[1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0]]);
    });
}

#[test]
fn strings_may_be_longer_than_utf_can_count() {
    // As Java writes `"x".repeat(65536)`.
    let stream = format!("aced00057c0000000000010000{}", "78".repeat(65536));
    with(&stream, |root| assert_eq!(root.as_str().unwrap(), "x".repeat(65536)));
}

#[test]
fn the_input_is_left_right_behind_the_object() {
    let bytes = bytes(RESET);
    let mut input = DataInput::new(&bytes, 100);
    assert_eq!(JavaObject::read(&mut input).unwrap().root().as_str().unwrap(), "after");
    assert_eq!((input.rest(), input.offset()), (&b"t\0\x04next"[..], 113));
}

#[test]
fn what_the_grammar_does_not_allow_is_reported_where_it_stands() {
    // Classes are called "II" or "[L", and have no more than they need.
    let array = "757200025b4c00000000000000000200007870";
    for (contents, offset, message) in [
        ("717e0000", 5, "4 bytes are needed, 3 are left"),
        ("71007e0000", 5, "not written yet"),
        ("71007dffff", 5, "not written yet"),
        ("7180000000", 5, "not written yet"),
        ("00", 4, "unknown Java object stream tag 0"),
        ("7700", 4, "primitive data in place of an object"),
        ("78", 4, "an object is missing"),
        ("7370", 5, "an object has no class"),
        ("7374", 5, "unknown Java object stream tag 116"),
        ("7c7fffffffffffffff", 5, "impossible number of bytes of a string: 9223372036854775807"),
        (&format!("{array}7fffffff"), 23, "impossible number of array elements: 2147483647"),
        (&format!("{array}0000000179"), 27, "handles are reset inside an object"),
        (&format!("{array}0000000278"), 23, "impossible number of array elements: 2"),
        (&format!("{array}0000000171007e000200"), 28, "not written yet"),
        ("7572000249490000000000000000020000787000000000", 5, "not an array class"),
        ("7372000249490000000000000000007fff7870", 19, "impossible number of fields: 32767"),
        ("7372000249490000000000000000020001580000", 21, "a field has an unknown type"),
        ("73720002494900000000000000000200024c00007400004900007870", 27, "a primitive field follows"),
        ("73720002494900000000000000000200014c000071007e0000", 24, "a reference to a string leads elsewhere"),
        ("73720002494900000000000000000200007871007e0000", 22, "leads elsewhere, or into the class itself"),
        ("73720002494900000000000000000000007870", 5, "class is not serializable"),
        ("73720002494900000000000000000e00007870", 18, "externalizable class has serializable parts"),
        ("7e720002494900000000000000000200007870740000", 5, "class is not an enum"),
        (&EXCEPTION[8..], 48, "its writer failed"),
    ] {
        let error = error(contents);
        assert!(error.to_string().contains(message), "{contents}: {error}");
        assert_eq!(error.offset(), offset, "{contents}: {error}");
    }
}

#[test]
fn no_part_of_a_stream_is_a_stream() {
    for stream in STREAMS.iter().filter(|stream| **stream != RESET) {
        let bytes = bytes(stream);
        for length in 0..bytes.len() {
            assert!(
                JavaObject::read(&mut DataInput::new(&bytes[..length], 0)).is_err(),
                "{stream} to {length}"
            );
        }
    }
}

#[test]
fn objects_nest_deeper_than_a_stack_and_not_without_end() {
    // An object of a class with a `writeObject` method that writes an object of the same class, and so on.
    let nested = |depth: usize| {
        let inner = "7371007e0000".repeat(depth - 1);
        format!("73720002494900000000000000000300007870{inner}{}", "78".repeat(depth))
    };
    with(&format!("aced0005{}", nested(100_000)), |root| assert_eq!(root.class_name().unwrap(), "II"));
    assert_eq!(*error(&nested(100_001)).kind(), DecodeErrorKind::TooDeep { limit: 100_000 });
}

#[test]
fn descriptions_of_classes_nest_only_so_deep() {
    // A class description with another in its annotation, and so on: reading these takes stack.
    let nested = |depth: usize| {
        let class = "7200000000000000000000020000";
        format!("{}{}", class.repeat(depth), "7870".repeat(depth))
    };
    with(&format!("aced0005{}", nested(128)), |root| assert!(root.class_name().is_none()));
    assert_eq!(*error(&nested(129)).kind(), DecodeErrorKind::TooDeep { limit: 128 });
}

#[test]
fn a_class_may_not_have_endless_ancestors() {
    // An array of class descriptions, each of which extends the one before, so that nothing nests.
    let class = "720000000000000000000002000078";
    let stream = |count: i32| {
        let derived = (2..=count).map(|index| format!("{class}71{:08x}", 0x7e_0000 + index));
        let classes: Vec<_> = std::iter::once(format!("{class}70")).chain(derived).collect();
        format!("757200025b4c00000000000000000200007870{count:08x}{}", classes.concat())
    };
    with(&format!("aced0005{}", stream(64)), |root| assert_eq!(root.elements().count(), 64));
    assert_eq!(*error(&stream(65)).kind(), DecodeErrorKind::TooDeep { limit: 64 });
}
