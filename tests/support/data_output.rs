//! Writes bytes as `java.io.DataOutput` does, and with them the records of a `_metadata` file that no Flink writes.

/// The bytes written so far. Its methods carry the names of `java.io.DataOutput`.
#[derive(Debug, Clone, Default)]
pub struct DataOutput(Vec<u8>);

impl DataOutput {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn write(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn write_byte(self, value: u8) -> Self {
        self.write(&[value])
    }

    pub fn write_boolean(self, value: bool) -> Self {
        self.write_byte(value.into())
    }

    pub fn write_short(self, value: i16) -> Self {
        self.write(&value.to_be_bytes())
    }

    pub fn write_int(self, value: i32) -> Self {
        self.write(&value.to_be_bytes())
    }

    pub fn write_long(self, value: i64) -> Self {
        self.write(&value.to_be_bytes())
    }

    /// For text of ASCII without NUL, in which UTF-8 and modified UTF-8 agree.
    pub fn write_utf(self, text: &str) -> Self {
        assert!(text.is_ascii() && !text.contains('\0'));
        self.write(&u16::try_from(text.len()).unwrap().to_be_bytes()).write(text.as_bytes())
    }

    #[cfg(feature = "http")]
    /// The same, with another number in the place of its first: the index of a subtask.
    #[cfg(feature = "http")]
    pub fn with_index(self, index: usize) -> Self {
        let rest = self.0.get(4..).unwrap_or_default();
        Self::new().write_int(index.try_into().unwrap()).write(rest)
    }

    /// A number of records, and the records.
    pub fn write_all(self, records: &[DataOutput]) -> Self {
        let counted = self.write_int(records.len().try_into().unwrap());
        records.iter().fold(counted, |output, record| output.write(&record.0))
    }
}

/// A `_metadata` file of version 3, which ends behind its operators.
pub fn metadata(operators: &[DataOutput]) -> Vec<u8> {
    let head = DataOutput::new().write_int(0x4960_672D).write_int(3).write_long(1).write_int(0);
    head.write_all(operators).into_bytes()
}

/// An operator of parallelism 1 without coordinator state, whose ID is made of this byte.
pub fn operator(id: u8, subtasks: &[DataOutput]) -> DataOutput {
    DataOutput::new().write(&[id; 16]).write_int(1).write_int(128).write_byte(0).write_all(subtasks)
}

/// A subtask whose only state is this keyed state handle.
pub fn keyed_subtask(handle: DataOutput) -> DataOutput {
    let before = DataOutput::new().write_int(0).write_int(0).write_int(0);
    before.write(&handle.into_bytes()).write_byte(0).write_int(0).write_int(0)
}

/// A handle of one key group in the canonical format, around a stream handle.
pub fn keyed_handle(stream: DataOutput) -> DataOutput {
    DataOutput::new().write_byte(7).write_int(0).write_int(1).write_long(0).write(&stream.into_bytes())
}

/// A handle of bytes that stand in the `_metadata` file.
pub fn inline(state: DataOutput) -> DataOutput {
    let state = state.into_bytes();
    DataOutput::new().write_byte(1).write_utf("name").write_int(state.len().try_into().unwrap()).write(&state)
}

/// A handle of a file by its full path.
pub fn file(path: &str) -> DataOutput {
    DataOutput::new().write_byte(2).write_long(5).write_utf(path)
}

/// A `_metadata` file with one operator, whose keyed state starts with this header.
pub fn metadata_with_header(header: DataOutput) -> Vec<u8> {
    metadata(&[operator(0xaa, &[keyed_subtask(keyed_handle(inline(header)))])])
}

/// The header of managed keyed state.
pub fn keyed_header(key: &DataOutput, states: &[DataOutput]) -> DataOutput {
    let head = DataOutput::new().write_int(6).write_boolean(false).write_int(2).write(&key.0);
    let counted = head.write_short(states.len().try_into().unwrap());
    states.iter().fold(counted, |output, state| output.write(&state.0))
}

/// A value state with one serializer.
pub fn value_state(name: &str, value: &DataOutput) -> DataOutput {
    let head = DataOutput::new().write_utf(name).write_int(0);
    let options = head.write_int(1).write_utf("KEYED_STATE_TYPE").write_utf("VALUE");
    options.write_int(1).write_utf("VALUE_SERIALIZER").write_int(2).write(&value.0)
}

/// The snapshot of a class, up to its payload.
pub fn snapshot(class: &str, version: i32) -> DataOutput {
    DataOutput::new().write_utf(class).write_int(version)
}

/// The snapshot of `StringSerializer`.
pub fn string_snapshot() -> DataOutput {
    snapshot("org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot", 3)
}

/// The snapshot of `EnumSerializer`, for an enum of this many constants without a name.
pub fn enum_snapshot(constants: usize) -> DataOutput {
    let class = "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot";
    snapshot(class, 3).write_utf("E").write_all(&vec![DataOutput::new().write_utf(""); constants])
}

/// The snapshot of `ListSerializer`, up to the snapshots nested in it, of which there are said to be this many.
pub fn list_snapshot_of(count: i32) -> DataOutput {
    let head = snapshot("org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot", 3);
    head.write_int(911_108).write_int(1).write_int(1_333_245).write_int(1).write_int(count)
}

/// The snapshot of `PojoSerializer`, with these fields and no subclasses. A field without a snapshot has a class that
/// was gone when the savepoint was written.
pub fn pojo_snapshot(class: &str, fields: &[(&str, Option<DataOutput>)]) -> DataOutput {
    const MAGIC: i64 = 0x0000_04F2_C69A_3D70;
    let head =
        snapshot("org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", 2).write_utf(class);
    let head = head.write_long(MAGIC).write_int(fields.len().try_into().unwrap());
    let fields = fields.iter().fold(head, |output, (name, value)| {
        let output = output.write_utf(name).write_boolean(false).write_boolean(value.is_some());
        match value {
            Some(value) => output.write_int(value.len().try_into().unwrap()).write(&value.0),
            None => output,
        }
    });
    fields.write_long(MAGIC).write_int(0).write_long(MAGIC).write_int(0)
}
