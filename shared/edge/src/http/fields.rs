//! A JSON object read field by field, so that all mistakes are reported together (bad input loses nothing).

use std::ops::RangeInclusive;

use domain::typed;
use serde_json::{Map, Value};

use super::problem::{FieldProblem, Problem, ProblemKind};

/// The longest text of a single field outside the form, in characters.
pub(super) const LONGEST_TEXT: usize = 500;

/// The fields of a body that are still to be read, and the mistakes so far.
#[derive(Debug)]
pub struct Fields {
    map: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Fields {
    pub(super) const fn new(map: Map<String, Value>) -> Self {
        Self { map, problems: Vec::new() }
    }

    /// Whether the body has this field.
    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// A field as it came, without taking it: to tell absent from present.
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    /// A text that must be there, of at most `longest` characters, by the one rule for what people type.
    pub(super) fn long_text(&mut self, name: &str, longest: usize) -> Option<String> {
        let typed = self.text_as_it_came(name)?;
        match typed::text(&typed) {
            Ok(text) if text.chars().count() <= longest => Some(text),
            Ok(_) => self.refuse(name, "troppo-lungo", format!("Al massimo {longest} caratteri.")),
            Err(control) => self.refuse(name, "caratteri-di-controllo", control.message()),
        }
    }

    /// A text that must be there, character for character.
    pub(super) fn text_as_it_came(&mut self, name: &str) -> Option<String> {
        match self.map.remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(_) => self.refuse(name, "tipo-errato", "Deve essere un testo."),
            None => self.refuse(name, "obbligatorio", "Il campo è obbligatorio."),
        }
    }

    /// A whole number, not negative, that must be there.
    pub(super) fn whole_number(&mut self, name: &str) -> Option<u64> {
        match self.map.remove(name) {
            Some(Value::Number(number)) if number.is_u64() => number.as_u64(),
            Some(_) => self.refuse(name, "tipo-errato", "Deve essere un numero intero."),
            None => self.refuse(name, "obbligatorio", "Il campo è obbligatorio."),
        }
    }

    /// A list of objects that must be there, as many as `fitting` allows; each is then read like a body of its own.
    pub(super) fn list(&mut self, name: &str, fitting: RangeInclusive<usize>) -> Option<Vec<Self>> {
        let rows = match self.map.remove(name) {
            Some(Value::Array(rows)) if fitting.contains(&rows.len()) => rows,
            Some(Value::Array(rows)) if rows.is_empty() => {
                return self.refuse(name, "obbligatorio", "L'elenco è vuoto.");
            }
            Some(Value::Array(rows)) => {
                let (count, most) = (rows.len(), fitting.end());
                let message = format!("L'elenco ha {count} righe, il massimo è {most}: dividilo.");
                return self.refuse(name, "troppo-lungo", message);
            }
            Some(_) => return self.refuse(name, "tipo-errato", "Deve essere un elenco."),
            None => return self.refuse(name, "obbligatorio", "Il campo è obbligatorio."),
        };
        let mut read = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            match row {
                Value::Object(map) => read.push(Self::new(map)),
                _ => {
                    return self.refuse(
                        &format!("{name}[{index}]"),
                        "tipo-errato",
                        "Ogni riga deve essere un oggetto JSON.",
                    );
                }
            }
        }
        Some(read)
    }

    /// Takes over what was wrong in one row of a list; gives what was read of it.
    pub fn row<T>(
        &mut self,
        name: &str,
        index: usize,
        read: Result<T, Vec<FieldProblem>>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(problems) => {
                self.problems.extend(problems.into_iter().map(|problem| FieldProblem {
                    field: format!("{name}[{index}].{}", problem.field),
                    ..problem
                }));
                None
            }
        }
    }

    /// A truth value that must be there.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.map.remove(name) {
            Some(Value::Bool(value)) => Some(value),
            Some(_) => self.refuse(name, "tipo-errato", "Deve essere vero o falso (true o false)."),
            None => self.refuse(name, "obbligatorio", "Il campo è obbligatorio."),
        }
    }

    /// A value of any shape that must be there.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        match self.map.remove(name) {
            Some(value) => Some(value),
            None => self.refuse(name, "obbligatorio", "Il campo è obbligatorio."),
        }
    }

    /// Takes a field away unread: it is not unknown, and does not count.
    pub fn drop(&mut self, name: &str) {
        self.map.remove(name);
    }

    /// Takes a null away: it says as much as nothing.
    pub fn drop_null(&mut self, name: &str) {
        if self.map.get(name).is_some_and(Value::is_null) {
            self.map.remove(name);
        }
    }

    /// Notes what is wrong with a field; gives nothing back, whatever the type wanted.
    pub fn refuse<T>(&mut self, name: &str, code: &str, message: impl Into<String>) -> Option<T> {
        self.problems.push(FieldProblem {
            field: name.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        });
        None
    }

    /// The value that was read, unless a field was wrong or unknown.
    pub fn complete<T>(self, value: Option<T>) -> Result<T, Problem> {
        self.finish(value)
            .map_err(|problems| Problem::new(ProblemKind::InvalidFields).fields(problems))
    }

    /// The same for one row of a list, whose mistakes the caller reports with the others.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<FieldProblem>> {
        let unknown: Vec<String> = self.map.keys().cloned().collect();
        for name in unknown {
            let shown: String = name.chars().take(60).collect();
            self.refuse::<()>(&shown, "sconosciuto", "Campo sconosciuto: toglilo dalla richiesta.");
        }
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.problems),
        }
    }
}
