//! What writes consume, asked for where the portal does not ask: it costs a function time, and nobody would read it.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{
        Builder, ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
        },
    },
    error::BoxError,
    operation::update_item::{UpdateItemInput, UpdateItemOutput},
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};

/// The write units of a client's updates, indexes included; copies count together.
#[derive(Clone, Debug, Default)]
pub struct Consumption(Arc<Mutex<f64>>);

impl Consumption {
    /// A client of the store whose updates are counted here.
    pub fn counting_client(&self, sdk: &SdkConfig) -> Client {
        Client::from_conf(Builder::from(sdk).interceptor(self.clone()).build())
    }

    /// How many were consumed until now.
    pub fn units(&self) -> f64 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Consumption {
    fn name(&self) -> &'static str {
        "Consumption"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(input) = context.input_mut().downcast_mut::<UpdateItemInput>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Indexes);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let output = context.output_or_error().ok();
        let output = output.and_then(|output| output.downcast_ref::<UpdateItemOutput>());
        let capacity = output.and_then(UpdateItemOutput::consumed_capacity);
        if let Some(units) = capacity.and_then(ConsumedCapacity::capacity_units) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) += units;
        }
        Ok(())
    }
}
