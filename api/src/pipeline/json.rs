//! JSON serialization of responses. The output equals that of `serde_json`, with little more than half of the instructions:
//! strings are scanned for characters to escape with SIMD.

use async_graphql::{Response, Value};
use json_escape_simd::escape_into;
use serde_json::{Number, Result};

use super::response::is_request_error;

/// Initial capacity of the buffer in bytes.
const AT_LEAST: usize = 1_024;

/// A response as JSON.
///
/// # Errors
/// When a part of it cannot be serialized.
pub fn of_response(response: &Response) -> Result<Vec<u8>> {
    let mut json = Vec::with_capacity(AT_LEAST);
    json.push(b'{');
    // Without execution there is no `data` key, not even null (GraphQL specification, 7.1).
    if !is_request_error(response) {
        json.extend_from_slice(b"\"data\":");
        write(&response.data, &mut json)?;
    }
    if !response.extensions.is_empty() {
        key(&mut json, "extensions");
        object(&response.extensions, &mut json)?;
    }
    if !response.errors.is_empty() {
        key(&mut json, "errors");
        serde_json::to_writer(&mut json, &response.errors)?;
    }
    json.push(b'}');
    Ok(json)
}

/// Writes a key of the top-level object, after a comma if it is not the first.
fn key(json: &mut Vec<u8>, name: &str) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    escape_into(name, json);
    json.push(b':');
}

fn write(value: &Value, json: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Boolean(is_so) => json.extend_from_slice(if *is_so { b"true" } else { b"false" }),
        Value::Number(number) => self::number(number, json)?,
        Value::String(text) => escape_into(text, json),
        Value::Enum(name) => escape_into(name, json),
        Value::List(items) => {
            json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write(item, json)?;
            }
            json.push(b']');
        }
        Value::Object(fields) => object(fields, json)?,
        Value::Binary(_) => serde_json::to_writer(json, value)?,
    }
    Ok(())
}

fn object<'a, N: AsRef<str> + 'a>(
    fields: impl IntoIterator<Item = (&'a N, &'a Value)>,
    json: &mut Vec<u8>,
) -> Result<()> {
    json.push(b'{');
    for (index, (name, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        escape_into(name, json);
        json.push(b':');
        write(value, json)?;
    }
    json.push(b'}');
    Ok(())
}

fn number(number: &Number, json: &mut Vec<u8>) -> Result<()> {
    match (number.as_u64(), number.as_i64()) {
        (Some(whole), _) => json.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes()),
        (_, Some(whole)) => json.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes()),
        _ => serde_json::to_writer(json, number)?,
    }
    Ok(())
}
