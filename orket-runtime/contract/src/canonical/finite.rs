//! Refuses numbers that are not finite, which serde_json would write as `null` without a word.
//!
//! Invariant: reaches every value that the JSON serializer would reach, and changes none.

use super::Fault;
use crate::code;
use serde::Serialize;
use serde::ser::{self, Serializer};
use std::fmt::Display;

pub(super) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Fault> {
    value.serialize(Finite)
}

#[derive(Clone, Copy)]
struct Finite;

impl ser::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(code::JSON_SYNTAX, message.to_string())
    }
}

fn number(value: f64) -> Result<(), Fault> {
    if value.is_finite() {
        return Ok(());
    }
    Err(Fault::new(code::JSON_NUMBER, format!("{value} has no place in JSON; write it as a string")))
}

macro_rules! harmless {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, _: $type) -> Result<(), Fault> {
            Ok(())
        })*
    };
}

impl Serializer for Finite {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    harmless! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
        serialize_unit_struct(&'static str)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Fault> {
        let fits = i64::try_from(value).is_ok() || u64::try_from(value).is_ok();
        if fits { Ok(()) } else { Err(too_large(&value)) }
    }

    fn serialize_u128(self, value: u128) -> Result<(), Fault> {
        if u64::try_from(value).is_ok() { Ok(()) } else { Err(too_large(&value)) }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Fault> {
        number(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Fault> {
        number(value)
    }

    fn serialize_none(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Fault> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Fault> {
        Ok(self)
    }
}

fn too_large(value: &dyn Display) -> Fault {
    Fault::new(code::JSON_NUMBER, format!("{value} does not fit JSON; write it as a string"))
}

macro_rules! items {
    ($($trait:ident :: $method:ident)*) => {
        $(impl ser::$trait for Finite {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        })*
    };
}

items! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($trait:ident)*) => {
        $(impl ser::$trait for Finite {
            type Ok = ();
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Fault> {
                value.serialize(*self)
            }

            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Finite {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        key.serialize(*self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(*self)
    }

    fn end(self) -> Result<(), Fault> {
        Ok(())
    }
}
