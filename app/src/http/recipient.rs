//! To whom a message of the API goes.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;

/// To whom a message goes: the id of an agent, or `*` for a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recipient {
    One(i64),
    All,
}

impl Type for Recipient {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "recipient".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let all = MetaSchema { enum_items: vec!["*".into()], ..MetaSchema::new("string") };
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            one_of: vec![i64::schema_ref(), MetaSchemaRef::Inline(Box::new(all))],
            ..MetaSchema::ANY
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Recipient {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(all)) if all == "*" => Ok(Self::All),
            Some(Value::Number(id)) => id.as_i64().map(Self::One).ok_or_else(|| ParseError::custom("is no id")),
            _ => Err(ParseError::custom("is neither an id nor '*'")),
        }
    }
}

impl ToJSON for Recipient {
    fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::One(id) => (*id).into(),
            Self::All => "*".into(),
        })
    }
}
