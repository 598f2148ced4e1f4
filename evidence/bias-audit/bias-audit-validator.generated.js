"use strict";
export const validateBiasAudit = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Bias audit","description":"The machine-readable part of a bias audit: aggregates only, never rows of people.","type":"object","additionalProperties":false,"required":["apiVersion","kind","model","modelCommit","date","auditor","dataset","attributes"],"properties":{"apiVersion":{"const":"mlgitops.io/v1alpha1"},"kind":{"const":"BiasAudit"},"model":{"type":"object","additionalProperties":false,"required":["name","version"],"properties":{"name":{"type":"string","pattern":"."},"version":{"type":"string","pattern":".","description":"Quote it: 1.10 is not 1.1."}}},"modelCommit":{"description":"The commit of the model that was audited: the last one that touched its folder by more than its evidence.","type":"string","pattern":"^([0-9a-f]{40}|[0-9a-f]{64})$"},"date":{"type":"string","pattern":"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"},"auditor":{"type":"object","additionalProperties":false,"required":["name","independent"],"properties":{"name":{"type":"string","pattern":"."},"independent":{"type":"boolean"}}},"dataset":{"type":"object","additionalProperties":false,"required":["name","rows","kind"],"properties":{"name":{"type":"string","pattern":"."},"digest":{"type":"string","pattern":"^sha256:[0-9a-f]{64}$"},"rows":{"type":"integer","minimum":1},"kind":{"enum":["historical","test"]},"period":{"type":"string"}}},"positiveLabel":{"type":["string","number","boolean"]},"minimumGroupSize":{"type":"integer","minimum":1,"description":"Smaller groups are flagged (default 30)."},"unknownCount":{"type":"integer","minimum":0,"description":"Rows whose attribute is not known."},"notes":{"type":"string"},"attributes":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,"required":["name","groups","metrics"],"properties":{"name":{"type":"string","pattern":"."},"groups":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,"required":["name","n","selected","tp","fp","fn","tn"],"properties":{"name":{"type":"string","pattern":"."},"n":{"type":"integer","minimum":1},"selected":{"type":"integer","minimum":0},"tp":{"type":"integer","minimum":0},"fp":{"type":"integer","minimum":0},"fn":{"type":"integer","minimum":0},"tn":{"type":"integer","minimum":0},"impact_ratio":{"type":["number","null"],"minimum":0}}}},"metrics":{"description":"Fairlearn's names and conventions, between groups; null where Fairlearn gives NaN.","type":"object","additionalProperties":false,"required":["demographic_parity_difference","demographic_parity_ratio","equalized_odds_difference","equalized_odds_ratio"],"properties":{"demographic_parity_difference":{"type":["number","null"]},"demographic_parity_ratio":{"type":["number","null"]},"equalized_odds_difference":{"type":["number","null"]},"equalized_odds_ratio":{"type":["number","null"]},"equal_opportunity_difference":{"type":["number","null"]},"equal_opportunity_ratio":{"type":["number","null"]},"predictive_parity_difference":{"type":["number","null"]},"predictive_parity_ratio":{"type":["number","null"]}}}}}}}};
const func1 = Object.prototype.hasOwnProperty;
const pattern4 = new RegExp(".", "u");
const pattern6 = new RegExp("^([0-9a-f]{40}|[0-9a-f]{64})$", "u");
const pattern7 = new RegExp("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", "u");
const pattern10 = new RegExp("^sha256:[0-9a-f]{64}$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.model === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "model"},message:"must have required property '"+"model"+"'"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.modelCommit === undefined){
const err3 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "modelCommit"},message:"must have required property '"+"modelCommit"+"'"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data.date === undefined){
const err4 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "date"},message:"must have required property '"+"date"+"'"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data.auditor === undefined){
const err5 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "auditor"},message:"must have required property '"+"auditor"+"'"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.dataset === undefined){
const err6 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "dataset"},message:"must have required property '"+"dataset"+"'"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data.attributes === undefined){
const err7 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "attributes"},message:"must have required property '"+"attributes"+"'"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
for(const key0 in data){
if(!(func1.call(schema31.properties, key0))){
const err8 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.apiVersion !== undefined){
if("mlgitops.io/v1alpha1" !== data.apiVersion){
const err9 = {instancePath:instancePath+"/apiVersion",schemaPath:"#/properties/apiVersion/const",keyword:"const",params:{allowedValue: "mlgitops.io/v1alpha1"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.kind !== undefined){
if("BiasAudit" !== data.kind){
const err10 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "BiasAudit"},message:"must be equal to constant"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.model !== undefined){
let data2 = data.model;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.name === undefined){
const err11 = {instancePath:instancePath+"/model",schemaPath:"#/properties/model/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(data2.version === undefined){
const err12 = {instancePath:instancePath+"/model",schemaPath:"#/properties/model/required",keyword:"required",params:{missingProperty: "version"},message:"must have required property '"+"version"+"'"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
for(const key1 in data2){
if(!((key1 === "name") || (key1 === "version"))){
const err13 = {instancePath:instancePath+"/model",schemaPath:"#/properties/model/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data2.name !== undefined){
let data3 = data2.name;
if(typeof data3 === "string"){
if(!pattern4.test(data3)){
const err14 = {instancePath:instancePath+"/model/name",schemaPath:"#/properties/model/properties/name/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/model/name",schemaPath:"#/properties/model/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data2.version !== undefined){
let data4 = data2.version;
if(typeof data4 === "string"){
if(!pattern4.test(data4)){
const err16 = {instancePath:instancePath+"/model/version",schemaPath:"#/properties/model/properties/version/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/model/version",schemaPath:"#/properties/model/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/model",schemaPath:"#/properties/model/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.modelCommit !== undefined){
let data5 = data.modelCommit;
if(typeof data5 === "string"){
if(!pattern6.test(data5)){
const err19 = {instancePath:instancePath+"/modelCommit",schemaPath:"#/properties/modelCommit/pattern",keyword:"pattern",params:{pattern: "^([0-9a-f]{40}|[0-9a-f]{64})$"},message:"must match pattern \""+"^([0-9a-f]{40}|[0-9a-f]{64})$"+"\""};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/modelCommit",schemaPath:"#/properties/modelCommit/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.date !== undefined){
let data6 = data.date;
if(typeof data6 === "string"){
if(!pattern7.test(data6)){
const err21 = {instancePath:instancePath+"/date",schemaPath:"#/properties/date/pattern",keyword:"pattern",params:{pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"},message:"must match pattern \""+"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"+"\""};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/date",schemaPath:"#/properties/date/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.auditor !== undefined){
let data7 = data.auditor;
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
if(data7.name === undefined){
const err23 = {instancePath:instancePath+"/auditor",schemaPath:"#/properties/auditor/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(data7.independent === undefined){
const err24 = {instancePath:instancePath+"/auditor",schemaPath:"#/properties/auditor/required",keyword:"required",params:{missingProperty: "independent"},message:"must have required property '"+"independent"+"'"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
for(const key2 in data7){
if(!((key2 === "name") || (key2 === "independent"))){
const err25 = {instancePath:instancePath+"/auditor",schemaPath:"#/properties/auditor/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data7.name !== undefined){
let data8 = data7.name;
if(typeof data8 === "string"){
if(!pattern4.test(data8)){
const err26 = {instancePath:instancePath+"/auditor/name",schemaPath:"#/properties/auditor/properties/name/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/auditor/name",schemaPath:"#/properties/auditor/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data7.independent !== undefined){
if(typeof data7.independent !== "boolean"){
const err28 = {instancePath:instancePath+"/auditor/independent",schemaPath:"#/properties/auditor/properties/independent/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/auditor",schemaPath:"#/properties/auditor/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.dataset !== undefined){
let data10 = data.dataset;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.name === undefined){
const err30 = {instancePath:instancePath+"/dataset",schemaPath:"#/properties/dataset/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if(data10.rows === undefined){
const err31 = {instancePath:instancePath+"/dataset",schemaPath:"#/properties/dataset/required",keyword:"required",params:{missingProperty: "rows"},message:"must have required property '"+"rows"+"'"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if(data10.kind === undefined){
const err32 = {instancePath:instancePath+"/dataset",schemaPath:"#/properties/dataset/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
for(const key3 in data10){
if(!(((((key3 === "name") || (key3 === "digest")) || (key3 === "rows")) || (key3 === "kind")) || (key3 === "period"))){
const err33 = {instancePath:instancePath+"/dataset",schemaPath:"#/properties/dataset/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data10.name !== undefined){
let data11 = data10.name;
if(typeof data11 === "string"){
if(!pattern4.test(data11)){
const err34 = {instancePath:instancePath+"/dataset/name",schemaPath:"#/properties/dataset/properties/name/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/dataset/name",schemaPath:"#/properties/dataset/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data10.digest !== undefined){
let data12 = data10.digest;
if(typeof data12 === "string"){
if(!pattern10.test(data12)){
const err36 = {instancePath:instancePath+"/dataset/digest",schemaPath:"#/properties/dataset/properties/digest/pattern",keyword:"pattern",params:{pattern: "^sha256:[0-9a-f]{64}$"},message:"must match pattern \""+"^sha256:[0-9a-f]{64}$"+"\""};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/dataset/digest",schemaPath:"#/properties/dataset/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data10.rows !== undefined){
let data13 = data10.rows;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err38 = {instancePath:instancePath+"/dataset/rows",schemaPath:"#/properties/dataset/properties/rows/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 1 || isNaN(data13)){
const err39 = {instancePath:instancePath+"/dataset/rows",schemaPath:"#/properties/dataset/properties/rows/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
}
if(data10.kind !== undefined){
let data14 = data10.kind;
if(!((data14 === "historical") || (data14 === "test"))){
const err40 = {instancePath:instancePath+"/dataset/kind",schemaPath:"#/properties/dataset/properties/kind/enum",keyword:"enum",params:{allowedValues: schema31.properties.dataset.properties.kind.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data10.period !== undefined){
if(typeof data10.period !== "string"){
const err41 = {instancePath:instancePath+"/dataset/period",schemaPath:"#/properties/dataset/properties/period/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
}
else {
const err42 = {instancePath:instancePath+"/dataset",schemaPath:"#/properties/dataset/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data.positiveLabel !== undefined){
let data16 = data.positiveLabel;
if(((typeof data16 !== "string") && (!((typeof data16 == "number") && (isFinite(data16))))) && (typeof data16 !== "boolean")){
const err43 = {instancePath:instancePath+"/positiveLabel",schemaPath:"#/properties/positiveLabel/type",keyword:"type",params:{type: schema31.properties.positiveLabel.type},message:"must be string,number,boolean"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data.minimumGroupSize !== undefined){
let data17 = data.minimumGroupSize;
if(!(((typeof data17 == "number") && (!(data17 % 1) && !isNaN(data17))) && (isFinite(data17)))){
const err44 = {instancePath:instancePath+"/minimumGroupSize",schemaPath:"#/properties/minimumGroupSize/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 < 1 || isNaN(data17)){
const err45 = {instancePath:instancePath+"/minimumGroupSize",schemaPath:"#/properties/minimumGroupSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
if(data.unknownCount !== undefined){
let data18 = data.unknownCount;
if(!(((typeof data18 == "number") && (!(data18 % 1) && !isNaN(data18))) && (isFinite(data18)))){
const err46 = {instancePath:instancePath+"/unknownCount",schemaPath:"#/properties/unknownCount/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
if((typeof data18 == "number") && (isFinite(data18))){
if(data18 < 0 || isNaN(data18)){
const err47 = {instancePath:instancePath+"/unknownCount",schemaPath:"#/properties/unknownCount/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
}
if(data.notes !== undefined){
if(typeof data.notes !== "string"){
const err48 = {instancePath:instancePath+"/notes",schemaPath:"#/properties/notes/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data.attributes !== undefined){
let data20 = data.attributes;
if(Array.isArray(data20)){
if(data20.length < 1){
const err49 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
const len0 = data20.length;
for(let i0=0; i0<len0; i0++){
let data21 = data20[i0];
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
if(data21.name === undefined){
const err50 = {instancePath:instancePath+"/attributes/" + i0,schemaPath:"#/properties/attributes/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
if(data21.groups === undefined){
const err51 = {instancePath:instancePath+"/attributes/" + i0,schemaPath:"#/properties/attributes/items/required",keyword:"required",params:{missingProperty: "groups"},message:"must have required property '"+"groups"+"'"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if(data21.metrics === undefined){
const err52 = {instancePath:instancePath+"/attributes/" + i0,schemaPath:"#/properties/attributes/items/required",keyword:"required",params:{missingProperty: "metrics"},message:"must have required property '"+"metrics"+"'"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
for(const key4 in data21){
if(!(((key4 === "name") || (key4 === "groups")) || (key4 === "metrics"))){
const err53 = {instancePath:instancePath+"/attributes/" + i0,schemaPath:"#/properties/attributes/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data21.name !== undefined){
let data22 = data21.name;
if(typeof data22 === "string"){
if(!pattern4.test(data22)){
const err54 = {instancePath:instancePath+"/attributes/" + i0+"/name",schemaPath:"#/properties/attributes/items/properties/name/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
else {
const err55 = {instancePath:instancePath+"/attributes/" + i0+"/name",schemaPath:"#/properties/attributes/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data21.groups !== undefined){
let data23 = data21.groups;
if(Array.isArray(data23)){
if(data23.length < 1){
const err56 = {instancePath:instancePath+"/attributes/" + i0+"/groups",schemaPath:"#/properties/attributes/items/properties/groups/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
const len1 = data23.length;
for(let i1=0; i1<len1; i1++){
let data24 = data23[i1];
if(data24 && typeof data24 == "object" && !Array.isArray(data24)){
if(data24.name === undefined){
const err57 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
if(data24.n === undefined){
const err58 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "n"},message:"must have required property '"+"n"+"'"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if(data24.selected === undefined){
const err59 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "selected"},message:"must have required property '"+"selected"+"'"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(data24.tp === undefined){
const err60 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "tp"},message:"must have required property '"+"tp"+"'"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
if(data24.fp === undefined){
const err61 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "fp"},message:"must have required property '"+"fp"+"'"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
if(data24.fn === undefined){
const err62 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "fn"},message:"must have required property '"+"fn"+"'"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
if(data24.tn === undefined){
const err63 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/required",keyword:"required",params:{missingProperty: "tn"},message:"must have required property '"+"tn"+"'"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
for(const key5 in data24){
if(!((((((((key5 === "name") || (key5 === "n")) || (key5 === "selected")) || (key5 === "tp")) || (key5 === "fp")) || (key5 === "fn")) || (key5 === "tn")) || (key5 === "impact_ratio"))){
const err64 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data24.name !== undefined){
let data25 = data24.name;
if(typeof data25 === "string"){
if(!pattern4.test(data25)){
const err65 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/name",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/name/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\""};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
else {
const err66 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/name",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data24.n !== undefined){
let data26 = data24.n;
if(!(((typeof data26 == "number") && (!(data26 % 1) && !isNaN(data26))) && (isFinite(data26)))){
const err67 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/n",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/n/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
if((typeof data26 == "number") && (isFinite(data26))){
if(data26 < 1 || isNaN(data26)){
const err68 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/n",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/n/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
}
if(data24.selected !== undefined){
let data27 = data24.selected;
if(!(((typeof data27 == "number") && (!(data27 % 1) && !isNaN(data27))) && (isFinite(data27)))){
const err69 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/selected",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/selected/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
if((typeof data27 == "number") && (isFinite(data27))){
if(data27 < 0 || isNaN(data27)){
const err70 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/selected",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/selected/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
}
if(data24.tp !== undefined){
let data28 = data24.tp;
if(!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))){
const err71 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/tp",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/tp/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 < 0 || isNaN(data28)){
const err72 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/tp",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/tp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
}
if(data24.fp !== undefined){
let data29 = data24.fp;
if(!(((typeof data29 == "number") && (!(data29 % 1) && !isNaN(data29))) && (isFinite(data29)))){
const err73 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/fp",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/fp/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
if((typeof data29 == "number") && (isFinite(data29))){
if(data29 < 0 || isNaN(data29)){
const err74 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/fp",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/fp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
}
if(data24.fn !== undefined){
let data30 = data24.fn;
if(!(((typeof data30 == "number") && (!(data30 % 1) && !isNaN(data30))) && (isFinite(data30)))){
const err75 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/fn",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/fn/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
if((typeof data30 == "number") && (isFinite(data30))){
if(data30 < 0 || isNaN(data30)){
const err76 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/fn",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/fn/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
}
if(data24.tn !== undefined){
let data31 = data24.tn;
if(!(((typeof data31 == "number") && (!(data31 % 1) && !isNaN(data31))) && (isFinite(data31)))){
const err77 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/tn",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/tn/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
if((typeof data31 == "number") && (isFinite(data31))){
if(data31 < 0 || isNaN(data31)){
const err78 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/tn",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/tn/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
}
if(data24.impact_ratio !== undefined){
let data32 = data24.impact_ratio;
if((!((typeof data32 == "number") && (isFinite(data32)))) && (data32 !== null)){
const err79 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/impact_ratio",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/impact_ratio/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.groups.items.properties.impact_ratio.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
if((typeof data32 == "number") && (isFinite(data32))){
if(data32 < 0 || isNaN(data32)){
const err80 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1+"/impact_ratio",schemaPath:"#/properties/attributes/items/properties/groups/items/properties/impact_ratio/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
}
}
else {
const err81 = {instancePath:instancePath+"/attributes/" + i0+"/groups/" + i1,schemaPath:"#/properties/attributes/items/properties/groups/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
}
else {
const err82 = {instancePath:instancePath+"/attributes/" + i0+"/groups",schemaPath:"#/properties/attributes/items/properties/groups/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data21.metrics !== undefined){
let data33 = data21.metrics;
if(data33 && typeof data33 == "object" && !Array.isArray(data33)){
if(data33.demographic_parity_difference === undefined){
const err83 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/required",keyword:"required",params:{missingProperty: "demographic_parity_difference"},message:"must have required property '"+"demographic_parity_difference"+"'"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
if(data33.demographic_parity_ratio === undefined){
const err84 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/required",keyword:"required",params:{missingProperty: "demographic_parity_ratio"},message:"must have required property '"+"demographic_parity_ratio"+"'"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
if(data33.equalized_odds_difference === undefined){
const err85 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/required",keyword:"required",params:{missingProperty: "equalized_odds_difference"},message:"must have required property '"+"equalized_odds_difference"+"'"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
if(data33.equalized_odds_ratio === undefined){
const err86 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/required",keyword:"required",params:{missingProperty: "equalized_odds_ratio"},message:"must have required property '"+"equalized_odds_ratio"+"'"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
for(const key6 in data33){
if(!((((((((key6 === "demographic_parity_difference") || (key6 === "demographic_parity_ratio")) || (key6 === "equalized_odds_difference")) || (key6 === "equalized_odds_ratio")) || (key6 === "equal_opportunity_difference")) || (key6 === "equal_opportunity_ratio")) || (key6 === "predictive_parity_difference")) || (key6 === "predictive_parity_ratio"))){
const err87 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
if(data33.demographic_parity_difference !== undefined){
let data34 = data33.demographic_parity_difference;
if((!((typeof data34 == "number") && (isFinite(data34)))) && (data34 !== null)){
const err88 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/demographic_parity_difference",schemaPath:"#/properties/attributes/items/properties/metrics/properties/demographic_parity_difference/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.demographic_parity_difference.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
if(data33.demographic_parity_ratio !== undefined){
let data35 = data33.demographic_parity_ratio;
if((!((typeof data35 == "number") && (isFinite(data35)))) && (data35 !== null)){
const err89 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/demographic_parity_ratio",schemaPath:"#/properties/attributes/items/properties/metrics/properties/demographic_parity_ratio/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.demographic_parity_ratio.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
if(data33.equalized_odds_difference !== undefined){
let data36 = data33.equalized_odds_difference;
if((!((typeof data36 == "number") && (isFinite(data36)))) && (data36 !== null)){
const err90 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/equalized_odds_difference",schemaPath:"#/properties/attributes/items/properties/metrics/properties/equalized_odds_difference/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.equalized_odds_difference.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data33.equalized_odds_ratio !== undefined){
let data37 = data33.equalized_odds_ratio;
if((!((typeof data37 == "number") && (isFinite(data37)))) && (data37 !== null)){
const err91 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/equalized_odds_ratio",schemaPath:"#/properties/attributes/items/properties/metrics/properties/equalized_odds_ratio/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.equalized_odds_ratio.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
if(data33.equal_opportunity_difference !== undefined){
let data38 = data33.equal_opportunity_difference;
if((!((typeof data38 == "number") && (isFinite(data38)))) && (data38 !== null)){
const err92 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/equal_opportunity_difference",schemaPath:"#/properties/attributes/items/properties/metrics/properties/equal_opportunity_difference/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.equal_opportunity_difference.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data33.equal_opportunity_ratio !== undefined){
let data39 = data33.equal_opportunity_ratio;
if((!((typeof data39 == "number") && (isFinite(data39)))) && (data39 !== null)){
const err93 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/equal_opportunity_ratio",schemaPath:"#/properties/attributes/items/properties/metrics/properties/equal_opportunity_ratio/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.equal_opportunity_ratio.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
if(data33.predictive_parity_difference !== undefined){
let data40 = data33.predictive_parity_difference;
if((!((typeof data40 == "number") && (isFinite(data40)))) && (data40 !== null)){
const err94 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/predictive_parity_difference",schemaPath:"#/properties/attributes/items/properties/metrics/properties/predictive_parity_difference/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.predictive_parity_difference.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data33.predictive_parity_ratio !== undefined){
let data41 = data33.predictive_parity_ratio;
if((!((typeof data41 == "number") && (isFinite(data41)))) && (data41 !== null)){
const err95 = {instancePath:instancePath+"/attributes/" + i0+"/metrics/predictive_parity_ratio",schemaPath:"#/properties/attributes/items/properties/metrics/properties/predictive_parity_ratio/type",keyword:"type",params:{type: schema31.properties.attributes.items.properties.metrics.properties.predictive_parity_ratio.type},message:"must be number,null"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
}
else {
const err96 = {instancePath:instancePath+"/attributes/" + i0+"/metrics",schemaPath:"#/properties/attributes/items/properties/metrics/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
}
else {
const err97 = {instancePath:instancePath+"/attributes/" + i0,schemaPath:"#/properties/attributes/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
}
else {
const err98 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
}
else {
const err99 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};
