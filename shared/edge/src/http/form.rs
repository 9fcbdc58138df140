//! The shape of a body, declared once: each field is read by what describes it (ADR 25).
//!
//! [`form!`](crate::form!) makes a method of each field. Calling it reads the field, and only so can a field be read: what
//! the description has and no code reads is dead code to the compiler, and what the code reads stands in the description.

use std::{borrow::Cow, marker::PhantomData, ops::DerefMut, str::FromStr};

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Schema,
        schema::{ArrayBuilder, SchemaFormat, SchemaType, Type},
    },
};

use super::{
    fields::{Fields, LONGEST_TEXT},
    problem::{FieldProblem, Problem},
};

/// Schemas that a description refers to, by name.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// What one field may hold: it reads the field and describes it.
pub trait Input {
    /// What is read.
    type Value;

    /// Takes the field out of the body. None when the field was wrong, and then the mistake is noted; none also when an optional
    /// field is absent.
    fn read(&self, fields: &mut Fields, name: &str) -> Option<Self::Value>;

    /// What the field may hold, without a description.
    fn schema(&self) -> RefOr<Schema>;

    /// Whether every body has it.
    fn is_required(&self) -> bool {
        true
    }

    /// The schemas that [`Input::schema`] refers to.
    fn collect(&self, _schemas: &mut Schemas) {}

    /// The body may lack it or have null, both of which read as none.
    fn optional(self) -> Optional<Self>
    where
        Self: Sized,
    {
        Optional(self)
    }

    /// Only some bodies have it: the description says that it may be absent, and where the code reads it, it must be there.
    fn sometimes(self) -> Sometimes<Self>
    where
        Self: Sized,
    {
        Sometimes(self)
    }

    /// The value must pass `check`, too, and becomes what `check` makes of it.
    fn checked<T, C>(self, check: C) -> Checked<Self, C>
    where
        Self: Sized,
        C: Fn(Self::Value) -> Result<T, Mistake>,
    {
        Checked { input: self, check }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug)]
pub struct Mistake {
    code: &'static str,
    message: Cow<'static, str>,
}

impl Mistake {
    /// A stable code, and in Italian what to do.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The code for what cannot be read as what it should be.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("non-valido", message)
    }
}

/// See [`text`].
#[derive(Clone, Copy, Debug)]
pub struct Text {
    shortest: usize,
    longest: usize,
    pattern: Option<&'static str>,
    format: Option<&'static str>,
    codes: Option<fn() -> Vec<&'static str>>,
}

/// A text of at most 500 characters.
pub const fn text() -> Text {
    Text { shortest: 0, longest: LONGEST_TEXT, pattern: None, format: None, codes: None }
}

impl Text {
    /// Of at most so many characters, which is refused.
    #[must_use]
    pub const fn longest(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// Of at least so many characters: described only, the check that follows names the mistake.
    #[must_use]
    pub const fn shortest(self, shortest: usize) -> Self {
        Self { shortest, ..self }
    }

    /// Of this form, a regular expression: described only.
    #[must_use]
    pub const fn pattern(self, pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// Of this format of JSON Schema, as `date`: described only.
    #[must_use]
    pub const fn format(self, format: &'static str) -> Self {
        Self { format: Some(format), ..self }
    }

    /// One of these: described only.
    #[must_use]
    pub const fn codes(self, codes: fn() -> Vec<&'static str>) -> Self {
        Self { codes: Some(codes), ..self }
    }

    /// A text that parses as a `T`; the message says what to do where it does not.
    pub fn parsed<T: FromStr>(self, message: &'static str) -> Parsed<T> {
        Parsed { text: self, message, kind: PhantomData }
    }
}

impl Input for Text {
    type Value = String;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<String> {
        fields.long_text(name, self.longest)
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(self.shortest).filter(|shortest| *shortest > 0))
            .max_length(Some(self.longest).filter(|_| self.codes.is_none()))
            .pattern(self.pattern)
            .format(self.format.map(|format| SchemaFormat::Custom(format.to_owned())))
            .enum_values(self.codes.map(|codes| codes()))
            .into()
    }
}

/// See [`secret`].
#[derive(Clone, Copy, Debug)]
pub struct Secret;

/// A password, of at most 500 characters, as it was typed: another character would be another password.
pub const fn secret() -> Secret {
    Secret
}

impl Input for Secret {
    type Value = String;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<String> {
        let typed = fields.text_as_it_came(name)?;
        if typed.chars().count() <= LONGEST_TEXT {
            return Some(typed);
        }
        fields.refuse(name, "troppo-lungo", format!("Al massimo {LONGEST_TEXT} caratteri."))
    }

    fn schema(&self) -> RefOr<Schema> {
        text().schema()
    }
}

/// See [`Text::parsed`].
#[derive(Clone, Copy, Debug)]
pub struct Parsed<T> {
    text: Text,
    message: &'static str,
    kind: PhantomData<fn() -> T>,
}

impl<T: FromStr> Input for Parsed<T> {
    type Value = T;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<T> {
        let text = self.text.read(fields, name)?;
        text.trim().parse().ok().or_else(|| fields.refuse(name, "non-valido", self.message))
    }

    fn schema(&self) -> RefOr<Schema> {
        self.text.schema()
    }
}

/// The message for a value that is none of the expected ones.
pub const UNEXPECTED: &str = "Scegli uno dei valori previsti.";

/// See [`choice`].
#[derive(Clone, Copy, Debug)]
pub struct Choice<T: 'static> {
    values: &'static [T],
    code: fn(T) -> &'static str,
    message: &'static str,
}

/// One of these values, by its code; the message says what to do with any other text.
pub const fn choice<T>(
    values: &'static [T],
    code: fn(T) -> &'static str,
    message: &'static str,
) -> Choice<T> {
    Choice { values, code, message }
}

impl<T: Copy> Input for Choice<T> {
    type Value = T;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<T> {
        let text = fields.long_text(name, LONGEST_TEXT)?;
        let value = self.values.iter().copied().find(|value| (self.code)(*value) == text);
        value.or_else(|| fields.refuse(name, "non-valido", self.message))
    }

    fn schema(&self) -> RefOr<Schema> {
        let codes = self.values.iter().map(|value| (self.code)(*value));
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).into()
    }
}

/// See [`boolean`].
#[derive(Clone, Copy, Debug)]
pub struct Boolean;

/// A truth value.
pub const fn boolean() -> Boolean {
    Boolean
}

impl Input for Boolean {
    type Value = bool;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<bool> {
        fields.boolean(name)
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

/// See [`whole_number`].
#[derive(Clone, Copy, Debug)]
pub struct WholeNumber {
    least: u64,
    most: Option<u64>,
}

/// A whole number from `least` to `most`. Both are described only, the check that follows names the mistake; a negative number
/// is refused.
pub const fn whole_number(least: u64, most: Option<u64>) -> WholeNumber {
    WholeNumber { least, most }
}

impl Input for WholeNumber {
    type Value = u64;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<u64> {
        fields.whole_number(name)
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::Custom("int64".to_owned())))
            .minimum(Some(self.least))
            .maximum(self.most)
            .into()
    }
}

/// See [`json`].
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(PhantomData<fn() -> T>);

/// A value as it came, described as a `T`; the code that reads it makes a `T` of it.
pub const fn json<T: ToSchema>() -> Json<T> {
    Json(PhantomData)
}

impl<T: ToSchema> Input for Json<T> {
    type Value = Value;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<Value> {
        fields.value(name)
    }

    fn schema(&self) -> RefOr<Schema> {
        T::schema()
    }

    fn collect(&self, schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

/// See [`object`].
#[derive(Clone, Copy, Debug)]
pub struct Object<T>(PhantomData<fn() -> T>);

/// The same as [`json`], described by a reference to the schema of `T`.
pub const fn object<T: ToSchema>() -> Object<T> {
    Object(PhantomData)
}

impl<T: ToSchema> Input for Object<T> {
    type Value = Value;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<Value> {
        fields.value(name)
    }

    fn schema(&self) -> RefOr<Schema> {
        Ref::from_schema_name(T::name()).into()
    }

    fn collect(&self, schemas: &mut Schemas) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// See [`list`].
#[derive(Clone, Copy, Debug)]
pub struct List<I> {
    each: I,
    least: usize,
    most: usize,
}

/// A list from `least` to `most`, each described by `each`. It comes as it is; the code that reads it names its mistakes.
pub const fn list<I: Input>(each: I, least: usize, most: usize) -> List<I> {
    List { each, least, most }
}

impl<I: Input> Input for List<I> {
    type Value = Value;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<Value> {
        fields.value(name)
    }

    fn schema(&self) -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(self.each.schema())
            .min_items(Some(self.least).filter(|least| *least > 0))
            .max_items(Some(self.most))
            .into()
    }

    fn collect(&self, schemas: &mut Schemas) {
        self.each.collect(schemas);
    }
}

/// See [`rows`].
#[derive(Clone, Copy, Debug)]
pub struct Rows<F> {
    least: usize,
    most: usize,
    kind: PhantomData<fn() -> F>,
}

/// A list of forms, from `least` to `most`; [`Fields::row`] takes the mistakes of a row over.
pub const fn rows<F: Form + ToSchema>(least: usize, most: usize) -> Rows<F> {
    Rows { least, most, kind: PhantomData }
}

impl<F: Form + ToSchema> Input for Rows<F> {
    type Value = Vec<F>;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<Vec<F>> {
        Some(fields.list(name, self.least..=self.most)?.into_iter().map(F::of).collect())
    }

    fn schema(&self) -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(F::name()))
            .min_items(Some(self.least).filter(|least| *least > 0))
            .max_items(Some(self.most))
            .into()
    }

    fn collect(&self, schemas: &mut Schemas) {
        schemas.push((F::name().into_owned(), F::schema()));
        F::schemas(schemas);
    }
}

/// See [`Input::optional`].
#[derive(Clone, Copy, Debug)]
pub struct Optional<I>(I);

impl<I: Input> Input for Optional<I> {
    type Value = I::Value;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<I::Value> {
        fields.drop_null(name);
        if fields.has(name) { self.0.read(fields, name) } else { None }
    }

    fn schema(&self) -> RefOr<Schema> {
        or_null(self.0.schema())
    }

    fn is_required(&self) -> bool {
        false
    }

    fn collect(&self, schemas: &mut Schemas) {
        self.0.collect(schemas);
    }
}

fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    let with_null = |kind: &SchemaType| match kind {
        SchemaType::Type(kind) => SchemaType::Array(vec![kind.clone(), Type::Null]),
        kind => kind.clone(),
    };
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = with_null(&object.schema_type);
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = with_null(&array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        other => other,
    }
}

/// See [`Input::sometimes`].
#[derive(Clone, Copy, Debug)]
pub struct Sometimes<I>(I);

impl<I: Input> Input for Sometimes<I> {
    type Value = I::Value;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<I::Value> {
        self.0.read(fields, name)
    }

    fn schema(&self) -> RefOr<Schema> {
        or_null(self.0.schema())
    }

    fn is_required(&self) -> bool {
        false
    }

    fn collect(&self, schemas: &mut Schemas) {
        self.0.collect(schemas);
    }
}

/// See [`Input::checked`].
#[derive(Clone, Copy, Debug)]
pub struct Checked<I, C> {
    input: I,
    check: C,
}

impl<I, C, T> Input for Checked<I, C>
where
    I: Input,
    C: Fn(I::Value) -> Result<T, Mistake>,
{
    type Value = T;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<T> {
        let value = self.input.read(fields, name)?;
        match (self.check)(value) {
            Ok(value) => Some(value),
            Err(mistake) => fields.refuse(name, mistake.code, mistake.message),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        self.input.schema()
    }

    fn is_required(&self) -> bool {
        self.input.is_required()
    }

    fn collect(&self, schemas: &mut Schemas) {
        self.input.collect(schemas);
    }
}

/// A body whose fields [`form!`](crate::form!) declares.
pub trait Form: Sized + DerefMut<Target = Fields> {
    /// The form of a body that was read as JSON.
    fn of(fields: Fields) -> Self;

    /// What was not read yet, and what was wrong.
    fn into_fields(self) -> Fields;

    /// What was read, unless something was wrong or unknown.
    fn complete<T>(self, value: Option<T>) -> Result<T, Problem> {
        self.into_fields().complete(value)
    }

    /// The same for one row of a list, whose mistakes the caller reports with the others.
    fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldProblem>> {
        self.into_fields().finish(value)
    }
}

/// The input of a field that holds a `V`; for the macro.
#[doc(hidden)]
pub const fn input<V, I: Input<Value = V>>(input: I) -> I {
    input
}

/// The description of a form, from its fields; for the macro.
#[expect(missing_debug_implementations, reason = "utoipa's builders have none")]
#[doc(hidden)]
pub struct Description {
    object: ObjectBuilder,
}

impl Description {
    #[doc(hidden)]
    pub fn new(lines: &[&str]) -> Self {
        let object = ObjectBuilder::new().schema_type(Type::Object).description(words(lines));
        Self { object }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn field(self, name: &'static str, lines: &[&str], input: &impl Input) -> Self {
        let mut schema = input.schema();
        match &mut schema {
            RefOr::T(Schema::Object(object)) => object.description = words(lines),
            RefOr::T(Schema::Array(array)) => array.description = words(lines),
            RefOr::Ref(reference) => {
                reference.description = words(lines).unwrap_or_default();
            }
            RefOr::T(_) => {}
        }
        let object = self.object.property(name, schema);
        Self { object: if input.is_required() { object.required(name) } else { object } }
    }

    #[doc(hidden)]
    pub fn schema(self) -> RefOr<Schema> {
        self.object.into()
    }
}

/// The lines of a comment as one text.
fn words(lines: &[&str]) -> Option<String> {
    let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Declares the shape of a body: for each field what is read, and the [`Input`](crate::http::form::Input) that reads and
/// describes it. Comments become descriptions.
///
/// ```
/// use edge::{form, http::form::{Form, boolean, text}};
///
/// form! {
///     /// What is to be saved.
///     pub struct NoteBody {
///         /// In the author's words, at most 200 characters.
///         words: String = text().longest(200),
///         /// Whether it is meant for colleagues, too.
///         shared: bool = boolean(),
///     }
/// }
///
/// fn read(request: &edge::http::ApiRequest) -> Result<(String, bool), edge::http::Problem> {
///     let mut body: NoteBody = request.form()?;
///     let (words, shared) = (body.words(), body.shared());
///     body.complete(words.zip(shared))
/// }
/// ```
#[macro_export]
macro_rules! form {
    ($(
        $(#[doc = $doc:expr])*
        $visibility:vis struct $name:ident {
            $($(#[doc = $about:expr])* $field:ident: $value:ty = $input:expr),+ $(,)?
        }
    )+) => { $(
        $(#[doc = $doc])*
        $visibility struct $name($crate::http::Fields);

        impl $name {
            $(
                $(#[doc = $about])*
                pub(crate) fn $field(&mut self) -> Option<$value> {
                    $crate::http::form::Input::read(
                        &$crate::http::form::input::<$value, _>($input),
                        &mut self.0,
                        stringify!($field),
                    )
                }
            )+
        }

        impl $crate::http::Form for $name {
            fn of(fields: $crate::http::Fields) -> Self {
                Self(fields)
            }

            fn into_fields(self) -> $crate::http::Fields {
                self.0
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = $crate::http::Fields;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl ::std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        /// Redacted: what people send is personal.
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::http::form::Description::new(&[$($doc),*])
                    $(.field(stringify!($field), &[$($about),*], &$crate::http::form::input::<$value, _>($input)))+
                    .schema()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schemas(schemas: &mut $crate::http::form::Schemas) {
                $($crate::http::form::Input::collect(
                    &$crate::http::form::input::<$value, _>($input), schemas,
                );)+
            }
        }
    )+ };
}

#[cfg(test)]
mod tests;
